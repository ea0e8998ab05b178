"""The one door of the development addresses (decision 2)."""

import hmac

from flask import request
from werkzeug.exceptions import Forbidden

from idp.provider import current_provider

SECRET_HEADER = "Ecps-Dev-Secret"  # noqa: S105 - the name of a header


def guard() -> None:
    """Demand the start-up secret, a known Host, and no foreign Origin.

    A web page must not be able to come here by DNS rebinding or forgery.
    """
    settings = current_provider().settings
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if host not in settings.allowed_hosts:
        raise Forbidden(f"the development addresses do not answer to the host {host!r}")
    origin = request.headers.get("Origin")
    if origin is not None and origin != settings.base_url:
        raise Forbidden("the development addresses refuse a foreign origin")
    expected = settings.dev_secret.get_secret_value()
    given = request.headers.get(SECRET_HEADER, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden(f"the header {SECRET_HEADER} must carry the start-up secret")
