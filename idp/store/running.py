"""What operators look at of a provider that runs; every look is bounded, or along an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from idp.store.models import (
    BrowserSession,
    Card,
    ClientDocument,
    Device,
    JournalEvent,
    JournalSegment,
    OutboxMessage,
    SecurityKey,
)

WAITING = ("pending", "sending")
COUNTED = 1000
"""No further than this anything is counted: an operator then knows that it is many."""


@dataclass(frozen=True)
class Which:
    """Which events of the journal are looked for; nothing means any."""

    event: str | None = None
    outcome: str | None = None
    person: str | None = None
    client_id: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds of each of them."""
        asked = (
            (JournalEvent.event, self.event),
            (JournalEvent.outcome, self.outcome),
            (JournalEvent.person, self.person),
            (JournalEvent.client_id, self.client_id),
        )
        return [column == value for column, value in asked if value is not None]


def messages_page(
    db: Session, *, kind: str, state: str, recipient: str, before: int, limit: int
) -> list[OutboxMessage]:
    """Messages, newest first; of a state, those that came to it last first.

    What is asked for by an empty text is any; ``before`` goes on below a message. A message that
    is withheld is none (decision 41).
    """
    query = select(OutboxMessage).where(OutboxMessage.state != "withheld")
    if kind:
        query = query.where(OutboxMessage.kind == kind)
    if recipient:
        query = query.where(OutboxMessage.recipient == recipient)
    query = _from_state(query, state, before) if state else _from_newest(query, before)
    return list(db.scalars(query.limit(limit)))


def find_message(db: Session, message_id: int) -> OutboxMessage | None:
    """One message; none that is withheld."""
    message = db.get(OutboxMessage, message_id)
    return None if message is None or message.state == "withheld" else message


def count_messages(db: Session, states: Sequence[str]) -> int:
    """How many messages stand in these states."""
    return _count(db, select(OutboxMessage.id).where(OutboxMessage.state.in_(states)))


def waits_since(db: Session) -> datetime | None:
    """When the message that waits longest was due; a worker takes it soon after."""
    return db.scalar(
        select(OutboxMessage.due_at)
        .where(OutboxMessage.state.in_(WAITING))
        .order_by(OutboxMessage.due_at)
        .limit(1)
    )


def newest_event(db: Session) -> int:
    """The number of the newest event; 0 before the first."""
    return db.scalar(select(func.max(JournalEvent.seq))) or 0


def find_event(db: Session, seq: int) -> JournalEvent | None:
    """One event."""
    return db.get(JournalEvent, seq)


def events_between(
    db: Session, which: Which, *, above: int, below: int, limit: int
) -> list[JournalEvent]:
    """Events with a number above one and below another, newest first."""
    query = select(JournalEvent).where(
        JournalEvent.seq > above, JournalEvent.seq < below, *which.conditions()
    )
    return list(db.scalars(query.order_by(JournalEvent.seq.desc()).limit(limit)))


def oldest_unsealed(db: Session) -> datetime | None:
    """When the event was recorded that waits longest for a segment."""
    waiting = select(JournalEvent.at).where(JournalEvent.segment.is_(None))
    return db.scalar(waiting.order_by(JournalEvent.seq).limit(1))


def segments_before(db: Session, number: int, *, limit: int) -> list[JournalSegment]:
    """Segments below a number, newest first."""
    query = select(JournalSegment).where(JournalSegment.number < number)
    return list(db.scalars(query.order_by(JournalSegment.number.desc()).limit(limit)))


def live_sessions(
    db: Session, *, now: datetime, idle: timedelta, limit: int
) -> list[BrowserSession]:
    """Sessions that live, the last to end first: as they live equally long, the newest."""
    query = _live(now=now, idle=idle).order_by(BrowserSession.expires_at.desc())
    return list(db.scalars(query.limit(limit)))


def count_live_sessions(db: Session, *, now: datetime, idle: timedelta) -> int:
    """How many sessions live."""
    return _count(db, _live(now=now, idle=idle))


def count_phones(db: Session, state: str, *, until: datetime | None = None) -> int:
    """How many phones stand in a state; of those, where told, that expire until then."""
    query = select(Device.device_id).where(Device.state == state)
    return _count(db, query if until is None else query.where(Device.expires_at <= until))


def count_cards(db: Session, state: str, *, until: datetime) -> int:
    """How many cards of a state end until then."""
    return _count(db, select(Card.card_number).where(Card.state == state, Card.ends_at <= until))


def count_suspended_keys(db: Session) -> int:
    """How many security keys of people are suspended."""
    suspended = select(SecurityKey.credential_id).where(SecurityKey.state == "suspended")
    return _count(db, suspended)


def clients_with_failed_documents(db: Session, *, limit: int) -> list[str]:
    """Clients whose published documents could not be fetched the last time."""
    failed = select(ClientDocument.client_id).where(ClientDocument.error.is_not(None))
    return list(db.scalars(failed.distinct().order_by(ClientDocument.client_id).limit(limit)))


def _from_newest(query: Select[OutboxMessage], before: int) -> Select[OutboxMessage]:
    if before:
        query = query.where(OutboxMessage.id < before)
    return query.order_by(OutboxMessage.id.desc())


def _from_state(query: Select[OutboxMessage], state: str, before: int) -> Select[OutboxMessage]:
    query = query.where(OutboxMessage.state == state)
    if before:
        since = select(OutboxMessage.due_at).where(OutboxMessage.id == before).scalar_subquery()
        same = (OutboxMessage.due_at == since) & (OutboxMessage.id < before)
        query = query.where((OutboxMessage.due_at < since) | same)
    return query.order_by(OutboxMessage.due_at.desc(), OutboxMessage.id.desc())


def _live(*, now: datetime, idle: timedelta) -> Select[BrowserSession]:
    return select(BrowserSession).where(
        BrowserSession.expires_at > now,
        BrowserSession.ended_at.is_(None),
        BrowserSession.last_activity_at > now - idle,
    )


def _count(db: Session, found: Select[*tuple[object, ...]]) -> int:
    return db.scalar(select(func.count()).select_from(found.limit(COUNTED).subquery())) or 0
