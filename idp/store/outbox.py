"""Messages that wait to be sent."""

from datetime import datetime

from sqlalchemy import Select, Update, and_, delete, exists, func, not_, null, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import Device, OutboxMessage
from idp.store.statements import insert_row

_WAITING = ("pending", "sending")
_DONE = ("sent", "kept", "failed", "withheld")


def add_message(
    db: Session,
    *,
    kind: str,
    recipient: str,
    payload_sealed: bytes,
    now: datetime,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    state: str = "pending",
) -> None:
    """Queue a message, to be sent after the commit, or when due, unless it is `withheld`."""
    insert_row(
        db,
        OutboxMessage(
            kind=kind,
            recipient=recipient,
            payload_sealed=payload_sealed,
            state=state,
            due_at=due_at or now,
            expires_at=expires_at,
            created_at=now,
        ),
    )


def has_due(db: Session, *, kind: str, now: datetime) -> bool:
    """Whether anything waits: a look that never takes SQLite's write lock."""
    return bool(db.scalar(select(exists(_due(kind, now)))))


def waiting_kinds(db: Session) -> dict[str, datetime]:
    """The kinds of which a message waits, each with the moment at which the first is due."""
    rows = db.execute(
        select(OutboxMessage.kind, func.min(OutboxMessage.due_at).label("due_at"))
        .where(OutboxMessage.state.in_(_WAITING))
        .group_by(OutboxMessage.kind)
    )
    return {row.kind: row.due_at for row in rows}


def has_sending(db: Session) -> bool:
    """Whether a worker holds a message at this moment."""
    return bool(db.scalar(select(exists().where(OutboxMessage.state == "sending"))))


def claim_message(
    db: Session, *, kind: str, now: datetime, lease_ends: datetime
) -> OutboxMessage | None:
    """Take the message that waited longest, for one worker alone, and count the attempt.

    One conditional update: of several processes exactly one gets the row. A worker that dies
    loses it at the end of its lease.
    """
    candidate = (
        _due(kind, now)
        .order_by(OutboxMessage.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == candidate,
            OutboxMessage.state.in_(_WAITING),
            OutboxMessage.due_at <= now,
        )
        .values(state="sending", attempts=OutboxMessage.attempts + 1, due_at=lease_ends)
        .returning(OutboxMessage)
    )
    return db.scalar(statement, execution_options={"synchronize_session": False})


def finish_message(
    db: Session,
    message: OutboxMessage,
    *,
    state: str,
    now: datetime,
    error: str | None = None,
    forget: bool = False,
) -> bool:
    """Record what became of a claimed message; ``forget`` wipes its payload.

    False when its lease had ended and another worker holds it.
    """
    values = {"state": state, "due_at": now, "error": error}
    if forget:
        values["payload_sealed"] = b""
    return _changed(db, _claimed(message).values(**values))


def postpone_message(db: Session, message: OutboxMessage, *, due_at: datetime, error: str) -> bool:
    """Give a claimed message back, to be tried again later."""
    return _changed(db, _claimed(message).values(state="pending", due_at=due_at, error=error))


def replace_payload(db: Session, message_id: int, payload_sealed: bytes) -> None:
    """Keep what a message turned out to hold, for its next attempts."""
    db.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id)
        .values(payload_sealed=payload_sealed),
        execution_options={"synchronize_session": False},
    )


def messages_after(
    db: Session, *, recipients: list[str] | None, after: int, limit: int, now: datetime
) -> list[OutboxMessage]:
    """Messages of some recipients, or of all, above a cursor, oldest first.

    Letters that were not posted yet are left out.
    """
    not_posted = and_(
        OutboxMessage.kind == "letter",
        OutboxMessage.state == "pending",
        OutboxMessage.due_at > now,
    )
    chosen = select(OutboxMessage).where(
        OutboxMessage.id > after, OutboxMessage.state != "withheld", not_(not_posted)
    )
    if recipients is not None:
        chosen = chosen.where(OutboxMessage.recipient.in_(recipients))
    return list(db.scalars(chosen.order_by(OutboxMessage.id).limit(limit)))


def queue_again(db: Session, message_id: int, *, now: datetime) -> bool:
    """Have a failed message sent once more, with all its attempts.

    False where it did not fail, is of no more use, or its payload was forgotten.
    """
    is_of_use = or_(OutboxMessage.expires_at.is_(None), OutboxMessage.expires_at > now)
    again = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state == "failed",
            OutboxMessage.payload_sealed != b"",
            is_of_use,
        )
        .values(state="pending", attempts=0, due_at=now, error=None)
    )
    return _changed(db, again)


def delete_done_messages(db: Session, *, before: datetime, limit: int) -> int:
    """Delete a batch of messages that were done, and of no more use, before an instant.

    Gives their number.
    """
    useless = or_(OutboxMessage.expires_at.is_(None), OutboxMessage.expires_at <= before)
    lapsed = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state.in_(_DONE), OutboxMessage.due_at <= before, useless)
        .limit(limit)
    )
    result = db.execute(
        delete(OutboxMessage).where(OutboxMessage.id.in_(lapsed)).returning(OutboxMessage.id),
        execution_options={"synchronize_session": False},
    )
    return len(result.all())


def drop_push_address(db: Session, device_id: str, *, endpoint: str) -> bool:
    """Forget a push address that its service says is gone, unless the phone gave a new one."""
    result = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.push["endpoint"].as_string() == endpoint)
        .values(push=null())
        .returning(Device.device_id),
        execution_options={"synchronize_session": False},
    )
    return result.first() is not None


def _due(kind: str, now: datetime) -> Select[int]:
    return select(OutboxMessage.id).where(
        and_(
            OutboxMessage.state.in_(_WAITING),
            OutboxMessage.due_at <= now,
            OutboxMessage.kind == kind,
        )
    )


def _claimed(message: OutboxMessage) -> Update:
    return update(OutboxMessage).where(
        OutboxMessage.id == message.id,
        OutboxMessage.state == "sending",
        OutboxMessage.attempts == message.attempts,
    )


def _changed(db: Session, statement: Update) -> bool:
    result = db.execute(
        statement.returning(OutboxMessage.id), execution_options={"synchronize_session": False}
    )
    return result.first() is not None
