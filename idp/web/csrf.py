"""Forms of our own pages: only a page of ours, in the same browser, may post them."""

import base64
import hmac
from http import HTTPStatus

from flask import Flask, request
from flask_babel import gettext as _

from idp.provider import current_provider
from idp.web.cookies import BROWSER_COOKIE, browser_secret, cookie_name
from idp.web.errors import Told
from idp.web.site import current_site

FIELD = "csrf_token"
_PURPOSE = "csrf"


class CsrfRefused(Told):
    """The form did not come from a page of ours in this browser."""

    def __init__(self) -> None:
        text = _(
            "Ce formulaire ne vient pas d’une page ouverte dans ce navigateur : revenez à la page, "
            "rechargez-la, puis recommencez."
        )
        super().__init__(HTTPStatus.FORBIDDEN, text)


def init_app(app: Flask) -> None:
    """Let templates write the token."""
    app.add_template_global(csrf_token)


def csrf_token() -> str:
    """A token that holds for this browser only."""
    return _token_of(browser_secret())


def refuse_foreign_forms() -> None:
    """Before each request of pages that nobody else posts to: see :func:`require_own_form`.

    Raises:
        CsrfRefused: the form that is posted is none of ours.
    """
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        require_own_form()


def require_own_form() -> None:
    """Check where a posted form came from, then its token.

    Raises:
        CsrfRefused: another site sent it, or the browser is not the one the page was given to.
    """
    secret = request.cookies.get(cookie_name(BROWSER_COOKIE))
    token = request.form.get(FIELD, "")
    if (
        secret is None
        or not _sent_by_own_page()
        or not hmac.compare_digest(token.encode(), _token_of(secret).encode())
    ):
        raise CsrfRefused


def _token_of(secret: str) -> str:
    digest = current_provider().sealer.keyed_hash(secret.encode(), purpose=_PURPOSE)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _sent_by_own_page() -> bool:
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    # Under `Referrer-Policy: no-referrer` a browser writes "null" as the origin of our own forms.
    origin = request.headers.get("Origin", "null")
    return site in {"same-origin", "none"} and origin in {"null", *current_site().origins}
