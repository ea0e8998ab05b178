"""Letters, each found only for who sent or received it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from relying_services.messaging.store.models import LetterRow, MailboxRow
from relying_services.service.store.statements import one_at_a_time


@dataclass(frozen=True)
class Post:
    """A letter, and the mailbox of the other side."""

    letter: LetterRow
    other: MailboxRow


def received(db: Session, owner: str, *, before: int | None, limit: int) -> list[Post]:
    """What came in, newest first."""
    return _posts(db, LetterRow.recipient == owner, LetterRow.sender, before, limit)


def sent(db: Session, owner: str, *, before: int | None, limit: int) -> list[Post]:
    """What went out, newest first."""
    return _posts(db, LetterRow.sender == owner, LetterRow.recipient, before, limit)


def letter_for(db: Session, reader: str, number: int) -> Post | None:
    """A letter, for its sender or its recipient; None for everybody else."""
    other = or_(
        and_(LetterRow.recipient == reader, MailboxRow.owner == LetterRow.sender),
        and_(LetterRow.sender == reader, MailboxRow.owner == LetterRow.recipient),
    )
    row = db.execute(
        select(LetterRow, MailboxRow).join(MailboxRow, other).where(LetterRow.id == number)
    ).first()
    return Post(*row) if row else None


def note_read(db: Session, recipient: str, number: int, now: datetime) -> None:
    """Its recipient reads it: the first time is kept."""
    db.execute(
        update(LetterRow)
        .where(
            LetterRow.id == number, LetterRow.recipient == recipient, LetterRow.read_at.is_(None)
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def add_letter(db: Session, letter: LetterRow) -> int:
    """Send a letter; gives its number."""
    db.add(letter)
    db.flush()
    return letter.id


def has_sent(db: Session, sender: str, most: int, since: datetime) -> bool:
    """Whether somebody sent as many letters as `most` since then; who counts meanwhile waits."""
    one_at_a_time(db, "letters", sender)
    earliest = (
        select(LetterRow.sent_at)
        .where(LetterRow.sender == sender)
        .order_by(LetterRow.id.desc())
        .offset(most - 1)
        .limit(1)
    )
    sent_at = db.scalar(earliest)
    return sent_at is not None and sent_at > since


def unread(db: Session, owner: str) -> int:
    """How many letters wait to be read."""
    return db.scalars(
        select(func.count())
        .select_from(LetterRow)
        .where(LetterRow.recipient == owner, LetterRow.read_at.is_(None))
    ).one()


def _posts(db: Session, mine: object, other: object, before: int | None, limit: int) -> list[Post]:
    query = (
        select(LetterRow, MailboxRow)
        .join(MailboxRow, MailboxRow.owner == other)
        .where(mine)  # type: ignore[arg-type]
        .order_by(LetterRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(LetterRow.id < before)
    return [Post(*row) for row in db.execute(query)]
