"""The journal of security events and its sealed segments (decision 39)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import JournalEvent, JournalSegment
from idp.store.statements import insert_row, insert_rows

_NOTED = "ecps_noted_events"


def note_event(db: Session, event: JournalEvent) -> None:
    """Keep an event for the end of this transaction, which writes all of them together.

    Inside a savepoint it is written at once, for it must go where the savepoint is rolled back.
    """
    if db.in_nested_transaction():
        insert_row(db, event)
    else:
        db.info.setdefault(_NOTED, []).append(event)


def write_noted_events(db: Session) -> None:
    """Write what was noted, in its order; the transaction commits only with it."""
    insert_rows(db, db.info.pop(_NOTED, []))


def unsealed_events(db: Session, *, until: datetime, limit: int) -> list[JournalEvent]:
    """The oldest events that no segment holds yet, recorded at ``until`` or before."""
    return list(
        db.scalars(
            select(JournalEvent)
            .where(JournalEvent.segment.is_(None), JournalEvent.at <= until)
            .order_by(JournalEvent.seq)
            .limit(limit)
        )
    )


def count_unsealed(db: Session) -> int:
    """How many events wait for a segment."""
    counted = select(func.count()).select_from(JournalEvent).where(JournalEvent.segment.is_(None))
    return db.scalar(counted) or 0


def add_segment(db: Session, segment: JournalSegment) -> bool:
    """Write a segment; False when another process just sealed one of this number."""
    values = {c.key: getattr(segment, c.key) for c in JournalSegment.__table__.columns}
    try:
        with db.begin_nested():
            db.execute(insert(JournalSegment).values(**values))
    except IntegrityError:
        return False
    return True


def put_in_segment(db: Session, number: int, seqs: Sequence[int]) -> None:
    """Bind events to their segment."""
    db.execute(
        update(JournalEvent)
        .where(JournalEvent.seq.in_(seqs))
        .values(segment=number)
        .execution_options(synchronize_session=False)
    )


def last_segment(db: Session) -> JournalSegment | None:
    """The newest segment."""
    return db.scalars(
        select(JournalSegment).order_by(JournalSegment.number.desc()).limit(1)
    ).one_or_none()


def find_segment(db: Session, number: int) -> JournalSegment | None:
    """One segment."""
    return db.get(JournalSegment, number)


def segments_after(db: Session, number: int, *, limit: int) -> list[JournalSegment]:
    """The next segments in order."""
    return list(
        db.scalars(
            select(JournalSegment)
            .where(JournalSegment.number > number)
            .order_by(JournalSegment.number)
            .limit(limit)
        )
    )


def events_of(db: Session, number: int) -> list[JournalEvent]:
    """The events of a segment, in the order they were chained."""
    return list(
        db.scalars(
            select(JournalEvent).where(JournalEvent.segment == number).order_by(JournalEvent.seq)
        )
    )


def stray_segments(db: Session) -> list[int]:
    """Segment numbers that events name, and that are not there."""
    known = select(JournalSegment.number)
    return list(
        db.scalars(
            select(JournalEvent.segment)
            .where(JournalEvent.segment.is_not(None), JournalEvent.segment.not_in(known))
            .distinct()
        )
    )


def purgeable_segments(db: Session, *, sealed_before: datetime, limit: int) -> list[JournalSegment]:
    """Segments past their retention, oldest first."""
    return list(
        db.scalars(
            select(JournalSegment)
            .where(JournalSegment.purged_at.is_(None), JournalSegment.sealed_at <= sealed_before)
            .order_by(JournalSegment.number)
            .limit(limit)
        )
    )


def purge_events(db: Session, number: int, *, head: str, now: datetime) -> int:
    """Delete the events of a segment and keep its head; gives how many went."""
    marked = db.connection().execute(
        update(JournalSegment)
        .where(JournalSegment.number == number, JournalSegment.purged_at.is_(None))
        .values(purged_at=now, head=head)
    )
    if marked.rowcount == 0:
        return 0
    gone = db.connection().execute(delete(JournalEvent).where(JournalEvent.segment == number))
    return gone.rowcount


def find_events(
    db: Session, *, person: str | None, event: str | None, before: int, limit: int
) -> list[JournalEvent]:
    """Events for reading, newest first; ``before`` goes on below a sequence number."""
    query = select(JournalEvent).order_by(JournalEvent.seq.desc()).limit(limit)
    if person is not None:
        query = query.where(JournalEvent.person == person)
    if event is not None:
        query = query.where(JournalEvent.event == event)
    if before:
        query = query.where(JournalEvent.seq < before)
    return list(db.scalars(query))


def events_after(
    db: Session,
    *,
    after: int,
    events: Sequence[str],
    persons: Sequence[str] | None,
    client_id: str | None,
    limit: int,
) -> list[JournalEvent]:
    """Events above a sequence number, oldest first, for a test to follow.

    ``events`` are names, none for all; ``persons`` the identifiers of one person.
    """
    query = select(JournalEvent).where(JournalEvent.seq > after)
    if events:
        query = query.where(JournalEvent.event.in_(events))
    if persons is not None:
        query = query.where(JournalEvent.person.in_(persons))
    if client_id is not None:
        query = query.where(JournalEvent.client_id == client_id)
    return list(db.scalars(query.order_by(JournalEvent.seq).limit(limit)))


def failures_of_client(db: Session, client_id: str, *, limit: int) -> list[JournalEvent]:
    """What a service did wrong, newest first."""
    return list(
        db.scalars(
            select(JournalEvent)
            .where(JournalEvent.client_id == client_id, JournalEvent.outcome == "failure")
            .order_by(JournalEvent.seq.desc())
            .limit(limit)
        )
    )


def events_of_device(db: Session, person: str, device_id: str, *, limit: int) -> list[JournalEvent]:
    """What happened to a phone of a person, newest first."""
    return list(
        db.scalars(
            select(JournalEvent)
            .where(JournalEvent.person == person, JournalEvent.device_id == device_id)
            .order_by(JournalEvent.seq.desc())
            .limit(limit)
        )
    )
