"""The journal, to be followed by a test: by cursor, never by waiting (decision 38)."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from pydantic import Field
from werkzeug.exceptions import BadRequest

from idp.audit.events import Event
from idp.dev.chain import canonical
from idp.dev.operations import LARGEST, Message, Query, Text, operation
from idp.provider import current_provider
from idp.store.holders import identifiers_of
from idp.store.journal import events_after
from idp.store.models import JournalEvent

bp = Blueprint("dev_events", __name__, url_prefix="/events")


class EventSearch(Query):
    """Which events."""

    after: int = Field(0, ge=0, le=LARGEST)
    """The cursor of the page before."""
    event: Text | None = None
    """A name (docs/events.md), or its beginning up to a colon: `signin:session:`."""
    national_id: Text | None = None
    client_id: Text | None = None
    limit: int = Field(100, ge=1)


class ToldEvent(Message):
    """One security event."""

    seq: int
    at: datetime
    event: str
    """`source:subject:action`."""
    outcome: str
    """`success` or `failure`."""
    person: str | None
    actor: str | None
    client_id: str | None
    device_id: str | None
    sid: str | None
    address: str | None
    request_id: str | None
    data: dict[str, Any]


class ToldEvents(Message):
    """A page of the journal, oldest first."""

    events: list[ToldEvent]
    cursor: int
    """`after` of the next look: of the last event here, or what was given."""


@bp.get("")
@operation(ToldEvents, query=EventSearch)
def list_events(query: EventSearch) -> ToldEvents:
    """The journal above a cursor, oldest first.

    A restored snapshot brings the journal back to where it stood: cursors from after it are void.
    """
    provider = current_provider()
    holder = query.national_id
    with provider.store.read() as db:
        found = events_after(
            db,
            after=query.after,
            events=_named(query.event),
            persons=None if holder is None else identifiers_of(db, canonical(holder)),
            client_id=query.client_id,
            limit=min(query.limit, provider.settings.dev_page),
        )
    cursor = found[-1].seq if found else query.after
    return ToldEvents(events=[_told(event) for event in found], cursor=cursor)


def _named(asked: str | None) -> list[str]:
    """The events of that name or beginning; raises BadRequest where there is none."""
    if asked is None:
        return []
    names = [str(event) for event in Event]
    found = [
        name for name in names if name == asked or (asked.endswith(":") and name.startswith(asked))
    ]
    if not found:
        source = asked.partition(":")[0] + ":"
        near = ", ".join(name for name in names if name.startswith(source))
        raise BadRequest(
            f"event: there is no event {asked!r}; a beginning ends with a colon"
            + (f"; of this source there are {near}" if near else "")
        )
    return found


def _told(event: JournalEvent) -> ToldEvent:
    return ToldEvent(
        seq=event.seq,
        at=event.at,
        event=event.event,
        outcome=event.outcome,
        person=event.person,
        actor=event.actor,
        client_id=event.client_id,
        device_id=event.device_id,
        sid=event.sid,
        address=event.address,
        request_id=event.request_id,
        data=event.data,
    )
