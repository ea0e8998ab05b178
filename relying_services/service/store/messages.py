"""Mails and letters, kept from the transaction of their cause on."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relying_services.service.store.models import MessageRow

_MOST_TRIES = 8
_FIRST_PAUSE = timedelta(seconds=10)


def write(
    db: Session,
    now: datetime,
    *,
    kind: str,
    recipient: str,
    subject: str,
    text: str,
    ends_at: datetime | None = None,
) -> MessageRow:
    """Write a message, which is handed over once the transaction is committed.

    Args:
        db: the transaction of its cause.
        now: the present instant.
        kind: a `mail` to an address, or a `letter` to a national identifier.
        recipient: this address or identifier.
        subject: of it.
        text: of it.
        ends_at: when the code or the link in it is worth nothing any more.
    """
    message = MessageRow(
        at=now,
        kind=kind,
        recipient=recipient,
        subject=subject,
        text=text,
        due_at=now,
        sent_at=None,
        tries=0,
        ends_at=ends_at,
    )
    db.add(message)
    return message


def messages_after(db: Session, after: int = 0, limit: int = 100) -> list[MessageRow]:
    """Messages in the order they were written, from behind a number on."""
    query = select(MessageRow).where(MessageRow.id > after).order_by(MessageRow.id).limit(limit)
    return list(db.scalars(query))


def take_due(db: Session, now: datetime, limit: int) -> list[MessageRow]:
    """Mails to be sent now, each taken: who else looks meanwhile does not send it a second time.

    One that is not sent after all is due again later, each time twice as late.
    """
    due = list(
        db.scalars(
            select(MessageRow)
            .where(
                MessageRow.sent_at.is_(None),
                MessageRow.due_at <= now,
                MessageRow.kind == "mail",
                MessageRow.tries < _MOST_TRIES,
            )
            .order_by(MessageRow.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for each in due:
        each.due_at = now + _FIRST_PAUSE * 2**each.tries
        each.tries += 1
    return due


def forget(db: Session, message_id: int) -> None:
    """Delete a message, sent or not: what it said of people is kept no longer."""
    db.execute(delete(MessageRow).where(MessageRow.id == message_id))


def purge_messages(db: Session, now: datetime, before: datetime) -> None:
    """Forget messages written before an instant, and those whose code or link is over.

    One that could not be handed over in all that time is not sent any more.
    """
    db.execute(delete(MessageRow).where(MessageRow.ends_at <= now))
    db.execute(delete(MessageRow).where(MessageRow.at < before))


def note_sent(db: Session, message: MessageRow, now: datetime) -> None:
    """It was handed over."""
    db.execute(update(MessageRow).where(MessageRow.id == message.id).values(sent_at=now))
