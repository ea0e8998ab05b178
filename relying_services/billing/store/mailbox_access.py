"""Who may use the mailbox of a doctor, besides the doctor (SV-05)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relying_services.billing.store.models import MailboxAccessRow


def add(db: Session, row: MailboxAccessRow) -> None:
    """Keep the access of one session."""
    db.add(row)


def find(db: Session, replacement_id: str) -> MailboxAccessRow | None:
    """The access that a session gives; none once it ended."""
    return db.get(MailboxAccessRow, replacement_id)


def between(db: Session, owner: str, member: str) -> Sequence[MailboxAccessRow]:
    """What a substitute was given of a doctor's mailbox, or will be."""
    query = select(MailboxAccessRow).where(
        MailboxAccessRow.member == member, MailboxAccessRow.owner == owner
    )
    return db.scalars(query).all()


def note_opened(db: Session, replacement_id: str, now: datetime) -> bool:
    """Note that the provider opened what was asked of it, once; gives whether it awaited that."""
    opened = db.execute(
        update(MailboxAccessRow)
        .where(
            MailboxAccessRow.replacement_id == replacement_id,
            MailboxAccessRow.granted_at.is_(None),
        )
        .values(granted_at=now)
        .returning(MailboxAccessRow.replacement_id)
        .execution_options(synchronize_session=False)
    )
    return opened.first() is not None


def withdraw(db: Session, replacement_id: str) -> MailboxAccessRow | None:
    """Delete the access that a session gives; gives what it was."""
    query = (
        delete(MailboxAccessRow)
        .where(MailboxAccessRow.replacement_id == replacement_id)
        .returning(MailboxAccessRow)
        .execution_options(synchronize_session=False)
    )
    return db.scalar(query)
