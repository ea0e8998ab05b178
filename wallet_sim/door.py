"""Who may reach the phone's own addresses (decisions 2 and 3).

A web page must not get here by DNS rebinding or a forged form: Host and Origin are checked on
everything, programs show the start-up secret in a header, people type it once for a cookie.
"""

import hashlib
import hmac
import ipaddress
import math
import secrets
import threading
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Request, Response

from wallet_sim.clock import monotonic

SECRET_HEADER = "Ecps-Control-Secret"  # noqa: S105 - the name of a header
COOKIE = "ecps_phone"
FORM_FIELD = "csrf_token"
READER_ADDRESS = "/reader"
"""Where a provider's sign-in page leads a person: it shows a page, and does nothing."""

_KEY_BYTES = 32
_MOST_WRONG = 10
_WINDOW = 60  # seconds


class TooManyWrong(Exception):
    """So many wrong secrets were typed that none is looked at for a while."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many wrong secrets: try again in {seconds} s")
        self.seconds = seconds


class Door:
    """The checks before anything that a person or program asks of the phone.

    Args:
        secret: the start-up secret.
        hosts: host names, without port, that the phone answers to.
        seconds: a clock that only goes on.
    """

    def __init__(
        self, secret: str, hosts: frozenset[str], seconds: Callable[[], float] = monotonic
    ) -> None:
        self._seconds = seconds
        self._wrong: deque[float] = deque(maxlen=_MOST_WRONG)
        self._trying = threading.Lock()
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
            raise Forbidden("no phone answers to that host name here: --allow-host NAME adds it")
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

    def is_typed(self, request: Request, given: str) -> bool:
        """Whether a person typed the start-up secret; wrong ones are counted, whoever typed them.

        Raises:
            TooManyWrong: too many were wrong within a minute; on this machine one goes on.
        """
        with self._trying:
            now = self._seconds()
            if len(self._wrong) == _MOST_WRONG and not _is_here(request):
                left = self._wrong[0] + _WINDOW - now
                if left > 0:
                    raise TooManyWrong(math.ceil(left))
            is_right = self.is_secret(given)
            if not is_right:
                self._wrong.append(now)
        return is_right

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


def _is_here(request: Request) -> bool:
    """Whether a request comes from this machine."""
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _is_link(request: Request) -> bool:
    """Whether a person followed a link to the reader's page: no frame, no script, no form."""
    navigates = (
        request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
    )
    return request.method == "GET" and request.path == READER_ADDRESS and navigates
