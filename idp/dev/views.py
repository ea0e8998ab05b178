"""What a test may see and move of a simulation: its outbox and its clock."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from pydantic import Field
from werkzeug.exceptions import BadRequest, NotFound

from idp.dev.document import openapi
from idp.dev.operations import LARGEST, Message, Query, Text, operation
from idp.directory.people import find_contact, find_person
from idp.moving_clock import ClockTooFar, advance
from idp.outbox.reading import read_outbox
from idp.provider import current_provider
from idp.store.challenges import find_challenge
from idp.store.tickets import find_ticket
from idp.store.world import clock_offset

BASE = "/dev/v1"
bp = Blueprint("dev", __name__)


@bp.get("/openapi.json")
def describe() -> ResponseReturnValue:
    """The OpenAPI document of these addresses."""
    return jsonify(openapi(current_app, BASE))


class ClockState(Message):
    """Where the provider's clock stands."""

    now: datetime
    offset: float
    """Seconds by which it was moved from the time of the machine."""


class ClockMove(Message):
    """How far to move the clock."""

    advance: float = Field(allow_inf_nan=False)
    """Seconds; negative ones move it back."""


@bp.get("/clock")
@operation(ClockState)
def show_clock() -> ClockState:
    """The provider's present time, and how far it was moved."""
    provider = current_provider()
    with provider.store.read() as db:
        offset = clock_offset(db)
    return ClockState(now=provider.clock.now(), offset=offset.total_seconds())


@bp.post("/clock")
@operation(ClockState, body=ClockMove)
def advance_clock(body: ClockMove) -> ClockState:
    """Move the clock by so many seconds."""
    provider = current_provider()
    try:
        by = timedelta(seconds=body.advance)
    except OverflowError as error:
        raise BadRequest("that is no duration") from error
    with provider.store.begin() as db:
        try:
            advance(provider, db, by)
        except ClockTooFar as error:
            raise BadRequest(str(error)) from error
    with provider.store.read() as db:
        provider.synchronise_clock(db)
        offset = clock_offset(db)
    return ClockState(now=provider.clock.now(), offset=offset.total_seconds())


class OutboxSearch(Query):
    """Which messages."""

    after: int = Field(0, ge=0, le=LARGEST)
    """The cursor of the page before."""
    to: Text | None = None
    """One address, number, national identifier (of letters), phone or client."""
    person: Text | None = None
    """A national identifier: its letters, and what went to its declared contacts."""
    pictures: bool = True
    """Whether mails have their image, `png`; drawing one takes 40 ms."""


class ToldMessage(Message):
    """A message, in clear."""

    id: int
    kind: str
    """`mail`, `sms`, `push`, `letter`, `logout` or `ciba`."""
    to: str
    state: str
    """`pending`, `sending`, `sent`, `kept` (there is no carrier), `failed`."""
    attempts: int
    error: str | None
    created_at: str
    payload: dict[str, Any]
    """Of a mail `subject`, `text`, `qr`, `png`; of an SMS `text`, `code`; of a letter of codes
    `code`, `unblock_code`; of a logout `sid`, `sub`; of a push `handle`."""


class ToldMessages(Message):
    """A page of messages, oldest first."""

    messages: list[ToldMessage]
    cursor: int
    """`after` of the next look."""


class ToldEnrolment(Message):
    """An activation under way."""

    state: str
    """`started`, `redeemed`, `verified`, `active`, `dead`."""
    refusal: str | None
    """Why it can never succeed: what the phone is never told."""
    email: str
    """Where its messages went."""
    mobile: str


class ToldChallenge(Message):
    """A question asked of a phone."""

    number: str | None
    """What the waiting page shows."""
    state: str
    """`pending`, `approved`, `refused`, `not_me`, `wrong_number`, `locked`, `cancelled`,
    `finished`."""


@bp.get("/outbox")
@operation(ToldMessages, query=OutboxSearch)
def show_outbox(query: OutboxSearch) -> ToldMessages:
    """Messages in clear, oldest first, above a cursor."""
    messages = read_outbox(
        current_provider(),
        recipients=_recipients(query),
        after=query.after,
        pictures=query.pictures,
    )
    cursor = messages[-1]["id"] if messages else query.after
    return ToldMessages(messages=[ToldMessage(**message) for message in messages], cursor=cursor)


def _recipients(query: OutboxSearch) -> list[str] | None:
    person = query.person
    if person is None:
        return [query.to] if query.to else None
    with current_provider().store.read() as db:
        found = find_person(db, person)
        contact = find_contact(db, person)
    declared = [contact.email, contact.mobile] if contact else []
    known_as = {person, found.national_id if found else person}
    return [recipient for recipient in (*sorted(known_as), *declared) if recipient]


@bp.get("/enrolments/<ticket_id>")
@operation(ToldEnrolment, refusals={404: "There is no such activation, or it lapsed."})
def show_enrolment(ticket_id: str) -> ToldEnrolment:
    """State of an activation, the true reason of a refusal, and where its messages went."""
    with current_provider().store.read() as db:
        ticket = find_ticket(db, ticket_id)
        contact = find_contact(db, ticket.national_id) if ticket is not None else None
    if ticket is None:
        raise NotFound(f"there is no activation {ticket_id}")
    return ToldEnrolment(
        state=ticket.state,
        refusal=ticket.refusal,
        email=contact.email if contact is not None else "",
        mobile=contact.mobile if contact is not None else "",
    )


@bp.get("/challenges/<challenge_id>")
@operation(ToldChallenge, refusals={404: "There is no such challenge, or it lapsed."})
def show_challenge(challenge_id: str) -> ToldChallenge:
    """The number that the waiting page shows, for a script that plays the person before it."""
    with current_provider().store.read() as db:
        challenge = find_challenge(db, challenge_id)
    if challenge is None:
        raise NotFound(f"there is no challenge {challenge_id}")
    return ToldChallenge(number=challenge.number, state=challenge.state)
