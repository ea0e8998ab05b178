"""What every request passes first: an id, the clock, and a refusal of malformed input."""

import secrets
from urllib.parse import unquote_to_bytes

from flask import Flask, g, request
from werkzeug.exceptions import BadRequest

from idp.audit.journal import Origin, origin
from idp.provider import current_provider


def init_app(app: Flask) -> None:
    """Attach the checks, in order."""
    app.before_request(_identify)
    app.before_request(_refuse_malformed_text)
    app.before_request(_follow_clock)


def _identify() -> None:
    g.request_id = secrets.token_hex(8)
    origin.set(Origin(request_id=g.request_id, address=request.remote_addr))


def _refuse_malformed_text() -> None:
    raw = [request.path.encode("utf-8", "surrogateescape"), request.query_string]
    if request.mimetype == "application/x-www-form-urlencoded":
        raw.append(request.get_data(cache=True))
    for text in raw:
        decoded = unquote_to_bytes(text.replace(b"+", b" "))
        if b"\0" in decoded:
            raise BadRequest("a NUL byte stands in the request")
        try:
            decoded.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest("the request is not valid UTF-8") from error


def _follow_clock() -> None:
    provider = current_provider()
    if provider.settings.dev:
        with provider.store.read() as db:
            provider.synchronise_clock(db)
