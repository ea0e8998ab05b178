"""Batches and what the fund answered to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from relying_services.billing.store.models import BatchRow, ReturnRow


def add(db: Session, row: BatchRow) -> None:
    """Keep a batch, before what points to it."""
    db.add(row)
    db.flush()


def find(db: Session, number: int) -> BatchRow | None:
    """The batch of this number."""
    return db.get(BatchRow, number)


def newest(db: Session, billed_for: str, limit: int) -> Sequence[BatchRow]:
    """Batches in the name of a doctor, newest first."""
    query = (
        select(BatchRow)
        .where(BatchRow.billed_for == billed_for)
        .order_by(BatchRow.number.desc())
        .limit(limit)
    )
    return db.scalars(query).all()


def send(db: Session, number: int, by: str, now: datetime) -> bool:
    """Note that a batch went out, once; gives whether it had not."""
    sent = db.execute(
        update(BatchRow)
        .where(BatchRow.number == number, BatchRow.sent_at.is_(None))
        .values(sent_at=now, sent_by=by)
        .returning(BatchRow.number)
        .execution_options(synchronize_session=False)
    )
    return sent.first() is not None


def unanswered(db: Session, billed_for: str) -> Sequence[BatchRow]:
    """Batches that went out and have no answer yet."""
    query = (
        select(BatchRow)
        .outerjoin(ReturnRow, ReturnRow.batch_number == BatchRow.number)
        .where(
            BatchRow.billed_for == billed_for,
            BatchRow.sent_at.is_not(None),
            ReturnRow.batch_number.is_(None),
        )
        .order_by(BatchRow.number)
    )
    return db.scalars(query).all()


def answer(db: Session, batch: BatchRow, now: datetime, reason: str) -> bool:
    """Put the fund's answer to a batch in the mailbox: accepted where there is no reason.

    Gives whether it was put there: whoever collects at the same time may have been first.
    """
    row = ReturnRow(
        batch_number=batch.number,
        owner=batch.billed_for,
        at=now,
        is_accepted=not reason,
        reason=reason,
    )
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError:
        return False
    return True


def returns(db: Session, owner: str, limit: int) -> Sequence[ReturnRow]:
    """The answers in a mailbox, newest batch first."""
    query = (
        select(ReturnRow)
        .where(ReturnRow.owner == owner)
        .order_by(ReturnRow.batch_number.desc())
        .limit(limit)
    )
    return db.scalars(query).all()
