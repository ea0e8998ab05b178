"""What every request passes first: an id, the clock, and a refusal of malformed input."""

import secrets
from urllib.parse import unquote_to_bytes

from flask import Flask, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from idp.audit.journal import Origin, origin
from idp.provider import current_provider

_TIMELESS = {"health.alive", "static", "design"}
"""Answered without a look at the database, so that they are also while it is away."""


def init_app(app: Flask) -> None:
    """Attach the checks, in order."""
    app.before_request(_identify)
    app.before_request(_refuse_oversized_body)
    app.before_request(_refuse_malformed_text)
    app.before_request(_follow_clock)


def _identify() -> None:
    g.request_id = secrets.token_hex(8)
    origin.set(Origin(request_id=g.request_id, address=request.remote_addr))


def _refuse_oversized_body() -> None:
    """Also where nothing would read it."""
    if (request.content_length or 0) > current_provider().settings.max_body:
        raise RequestEntityTooLarge


def _refuse_malformed_text() -> None:
    # What is no UTF-8 in the path was replaced in `request.path`; the environ has its bytes.
    raw = [request.environ["PATH_INFO"].encode("latin-1"), request.query_string]
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
    if request.mimetype == "multipart/form-data":
        fields = request.form.items(multi=True)
        if any("\0" in text for field in fields for text in field):
            raise BadRequest("a NUL character stands in the form")


def _follow_clock() -> None:
    provider = current_provider()
    if provider.settings.dev and request.endpoint not in _TIMELESS:
        with provider.store.read() as db:
            provider.synchronise_clock(db)
