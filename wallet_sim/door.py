"""Who may reach the phone's own addresses (decisions 2 and 3).

A web page must not get here by DNS rebinding or a forged form: Host and Origin are checked on
everything, programs show the start-up secret in a header, people type it once for a cookie.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request, Response

SECRET_HEADER = "Ecps-Control-Secret"  # noqa: S105 - the name of a header
COOKIE = "ecps_phone"
FORM_FIELD = "csrf_token"
READER_ADDRESS = "/reader"
"""Where a provider's sign-in page leads a person: it shows a page, and does nothing."""

_KEY_BYTES = 32


class Door:
    """The checks before anything that a person or program asks of the phone.

    Args:
        secret: the start-up secret.
        hosts: host names, without port, that the phone answers to.
    """

    def __init__(self, secret: str, hosts: frozenset[str]) -> None:
        self._secret = secret.encode()
        self._hosts = hosts
        # A cookie holds for the life of this process only.
        self._key = secrets.token_bytes(_KEY_BYTES)

    def check_origin(self, request: Request) -> None:
        """Refuse a foreign Host, and a foreign Origin.

        Raises:
            Forbidden: either is not ours.
        """
        if urlsplit(f"//{request.host}").hostname not in self._hosts:
            raise Forbidden("this phone does not answer to that host name")
        origin = request.headers.get("Origin")
        if origin not in (None, "null", f"{request.scheme}://{request.host}"):
            raise Forbidden("this phone refuses a foreign origin")
        site = request.headers.get("Sec-Fetch-Site", "none")
        if site not in {"none", "same-origin"} and not _is_link(request):
            raise Forbidden("this phone refuses what another site sends")

    def check_secret(self, request: Request) -> None:
        """Demand the start-up secret in its header.

        Raises:
            Forbidden: it is missing or wrong.
        """
        if not self.is_secret(request.headers.get(SECRET_HEADER, "")):
            raise Forbidden(f"the header {SECRET_HEADER} must carry the start-up secret")

    def is_secret(self, given: str) -> bool:
        """Whether a text is the start-up secret."""
        return hmac.compare_digest(given.strip().encode(), self._secret)

    def let_in(self, request: Request, response: Response) -> None:
        """Give a browser whose person typed the secret its cookie, under TLS for TLS alone."""
        token = secrets.token_urlsafe(_KEY_BYTES)
        response.set_cookie(
            COOKIE,
            f"{token}.{self._mark('cookie', token)}",
            secure=request.is_secure,
            httponly=True,
            samesite="Strict",
            path="/",
        )

    def is_inside(self, request: Request) -> bool:
        """Whether the browser has the cookie."""
        token, _, mark = request.cookies.get(COOKIE, "").partition(".")
        return hmac.compare_digest(mark.encode(), self._mark("cookie", token).encode())

    def form_token(self, request: Request) -> str:
        """What a form of ours carries, bound to the browser's cookie."""
        return self._mark("form", request.cookies.get(COOKIE, ""))

    def check_form(self, request: Request) -> None:
        """Demand the cookie, and a form that was made for it.

        Raises:
            Forbidden: either is missing or wrong.
        """
        if not self.is_inside(request):  # nothing that a stranger sends is read
            raise Forbidden("this form was not made for this browser")
        given = request.form.get(FORM_FIELD, "")
        if not hmac.compare_digest(given.encode(), self.form_token(request).encode()):
            raise Forbidden("this form was not made for this browser")

    def _mark(self, use: str, token: str) -> str:
        return hmac.new(self._key, f"{use}:{token}".encode(), hashlib.sha256).hexdigest()


def _is_link(request: Request) -> bool:
    """Whether a person followed a link to the reader's page: no frame, no script, no form."""
    navigates = (
        request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return request.method == "GET" and request.path == READER_ADDRESS and navigates
