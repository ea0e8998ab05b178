"""What a test may see and move of a simulation: its outbox and its clock."""

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import current_provider
from idp.store.world import clock_offset, move_clock

bp = Blueprint("dev", __name__)


@bp.get("/clock")
def show_clock() -> ResponseReturnValue:
    """The provider's present time and how far it was moved, in seconds."""
    provider = current_provider()
    with provider.store.read() as db:
        offset = clock_offset(db)
    return jsonify(now=provider.clock.now().isoformat(), offset=offset.total_seconds())


@bp.post("/clock")
def advance_clock() -> ResponseReturnValue:
    """Move the clock by ``{"advance": seconds}``."""
    provider = current_provider()
    body = request.get_json()
    seconds = body.get("advance") if isinstance(body, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise BadRequest('the body must be {"advance": seconds}')
    with provider.store.begin() as db:
        move_clock(db, timedelta(seconds=seconds))
        record(db, Event.CLOCK_MOVED, now=provider.clock.now(), seconds=seconds)
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    return show_clock()
