"""Cookies: their names, their attributes, and the one that binds a browser.

Over https the name carries a prefix that the browser enforces (RFC 6265bis, 4.1.3): `__Host-`, or
`__Secure-` where the application is mounted below a path (decision 5).
"""

import re
import secrets
from datetime import timedelta

from flask import Flask, g, request
from werkzeug.wrappers import Response

from idp.keys.sealing import sha256
from idp.provider import current_provider
from idp.web.site import current_site

BROWSER_COOKIE = "ecps_browser"
_SECRET_BYTES = 32
_SECRET_LENGTH = 43


def init_app(app: Flask) -> None:
    """Give a new browser its secret with the first answer that needs one."""
    app.after_request(_hand_over_browser_secret)


def cookie_name(name: str) -> str:
    """The name on the wire; a mounted application's own, since it is sent those of `/` as well."""
    site = current_site()
    path = site.cookie_path
    own = name + site.own_cookies + ("" if path == "/" else re.sub(r"[^a-z0-9]", "-", path))
    if not site.has_secure_cookies:
        return own
    return f"__Host-{own}" if path == "/" else f"__Secure-{own}"


def set_cookie(
    response: Response, name: str, value: str, *, max_age: timedelta | None = None
) -> None:
    """Set a cookie no script can read and no other site's form can use."""
    site = current_site()
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        path=site.cookie_path,
        secure=site.has_secure_cookies,
        httponly=True,
        samesite=site.same_site,
    )


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget a cookie."""
    site = current_site()
    response.delete_cookie(
        cookie_name(name),
        path=site.cookie_path,
        secure=site.has_secure_cookies,
        httponly=True,
        samesite=site.same_site,
    )


def browser_secret() -> str:
    """The secret of this browser; a browser without one gets it with this answer."""
    known: str | None = g.get("browser_secret")
    if known is None:
        given = request.cookies.get(cookie_name(BROWSER_COOKIE), "")
        known = given if len(given) == _SECRET_LENGTH else None
    if known is None:
        known = g.new_browser_secret = secrets.token_urlsafe(_SECRET_BYTES)
    g.browser_secret = known
    return known


def browser_hash() -> bytes:
    """How a browser is remembered by what it began."""
    return sha256(browser_secret())


def _hand_over_browser_secret(response: Response) -> Response:
    secret: str | None = g.get("new_browser_secret")
    if secret is not None:
        age = current_provider().settings.browser_memory
        set_cookie(response, BROWSER_COOKIE, secret, max_age=age)
    return response
