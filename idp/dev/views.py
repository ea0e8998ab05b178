"""What a test may see and move of a simulation: its outbox and its clock."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from idp.directory.people import find_contact, find_person
from idp.moving_clock import ClockTooFar, advance
from idp.outbox.reading import read_outbox
from idp.provider import current_provider
from idp.store.challenges import find_challenge
from idp.store.tickets import find_ticket
from idp.store.world import clock_offset

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
    try:
        body = request.get_json()
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    by = _duration(body.get("advance") if isinstance(body, dict) else None)
    with provider.store.begin() as db:
        try:
            advance(provider, db, by)
        except ClockTooFar as error:
            raise BadRequest(str(error)) from error
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    return show_clock()


def _duration(seconds: Any) -> timedelta:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        raise BadRequest('the body must be {"advance": seconds}')
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise BadRequest("that is no duration") from error


@bp.get("/outbox")
def show_outbox() -> ResponseReturnValue:
    """Messages in clear, oldest first, above the cursor `?after=`.

    `?to=` one address, number or identifier; `?person=` the letters and the declared contacts of
    a national identifier.
    """
    provider = current_provider()
    after = request.args.get("after", default=0, type=int)
    messages = read_outbox(provider, recipients=_recipients(), after=after)
    cursor = messages[-1]["id"] if messages else after
    return jsonify(messages=messages, cursor=cursor)


def _recipients() -> list[str] | None:
    person, address = request.args.get("person"), request.args.get("to")
    if person is None:
        return [address] if address else None
    with current_provider().store.read() as db:
        found = find_person(db, person)
        contact = find_contact(db, person)
    declared = [contact.email, contact.mobile] if contact else []
    known_as = {person, found.national_id if found else person}
    return [recipient for recipient in (*sorted(known_as), *declared) if recipient]


@bp.get("/enrolments/<ticket_id>")
def show_enrolment(ticket_id: str) -> ResponseReturnValue:
    """State of a ticket, the true reason of a refusal, and where its messages went."""
    with current_provider().store.read() as db:
        ticket = find_ticket(db, ticket_id)
        contact = find_contact(db, ticket.national_id) if ticket is not None else None
    if ticket is None:
        raise NotFound
    return jsonify(
        state=ticket.state,
        refusal=ticket.refusal,
        email=contact.email if contact is not None else "",
        mobile=contact.mobile if contact is not None else "",
    )


@bp.get("/challenges/<challenge_id>")
def show_challenge(challenge_id: str) -> ResponseReturnValue:
    """The number that the waiting page shows, for a script that plays the person before it."""
    with current_provider().store.read() as db:
        challenge = find_challenge(db, challenge_id)
    if challenge is None:
        raise NotFound
    return jsonify(number=challenge.number, state=challenge.state)
