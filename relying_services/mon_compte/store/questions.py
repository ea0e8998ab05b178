"""Messages to the fund and their answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.models import QuestionRow
from relying_services.service.store.statements import one_at_a_time


def question_of(db: Session, owner: str, number: int) -> QuestionRow | None:
    """One message; none where it is another's."""
    query = select(QuestionRow).where(QuestionRow.id == number, QuestionRow.owner == owner)
    return db.scalar(query)


def questions(
    db: Session, owner: str, *, before: int | None = None, limit: int
) -> Sequence[QuestionRow]:
    """Messages, newest first.

    Args:
        db: a transaction.
        owner: whose.
        before: number of the last one of the page before.
        limit: how many at the most.
    """
    query = select(QuestionRow).where(QuestionRow.owner == owner).order_by(QuestionRow.id.desc())
    if before is not None:
        query = query.where(QuestionRow.id < before)
    return db.scalars(query.limit(limit)).all()


def asked_since(db: Session, asked_by: str, since: datetime) -> int:
    """How many messages somebody has sent since an instant; who counts meanwhile waits."""
    one_at_a_time(db, "questions", asked_by)
    query = select(func.count()).where(
        QuestionRow.asked_by == asked_by, QuestionRow.asked_at > since
    )
    return db.scalar(query) or 0


def unanswered(db: Session, limit: int) -> Sequence[QuestionRow]:
    """Messages that wait for an answer, oldest first."""
    query = select(QuestionRow).where(QuestionRow.answered_at.is_(None))
    return db.scalars(query.order_by(QuestionRow.id).limit(limit)).all()


def answer(db: Session, number: int, now: datetime, *, by: str, text: str) -> str | None:
    """Answer a message, once; gives whose it is, and nothing where it is unknown or answered."""
    return db.scalar(
        update(QuestionRow)
        .where(QuestionRow.id == number, QuestionRow.answered_at.is_(None))
        .values(answer=text, answered_by=by, answered_at=now)
        .returning(QuestionRow.owner)
    )
