"""Calls: each act is one conditional update, so that of two regulators one has the call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from relying_services.regulation.calls import CLOSED, TAKEN, TRANSITIONS, WAITING
from relying_services.regulation.store.models import CallRow
from relying_services.service.store.statements import one_at_a_time


def has_calls(db: Session) -> bool:
    """Whether a call was ever entered."""
    return db.scalar(select(CallRow.id).limit(1)) is not None


def add_calls(db: Session, calls: Sequence[CallRow]) -> None:
    """Enter calls."""
    db.add_all(calls)
    db.flush()


def find_call(db: Session, number: int) -> CallRow | None:
    """A call, whoever has it."""
    return db.get(CallRow, number)


def waiting(db: Session, limit: int) -> list[CallRow]:
    """Calls that wait, the most urgent first, then the oldest."""
    query = (
        select(CallRow)
        .where(CallRow.state == WAITING)
        .order_by(CallRow.urgency, CallRow.received_at)
        .limit(limit)
    )
    return list(db.scalars(query))


def in_hand(db: Session, regulator: str) -> list[CallRow]:
    """What a regulator has taken and not closed, oldest first."""
    query = (
        select(CallRow)
        .where(CallRow.regulator == regulator, CallRow.state == TAKEN)
        .order_by(CallRow.received_at)
    )
    return list(db.scalars(query))


def closed_by(db: Session, regulator: str, limit: int) -> list[CallRow]:
    """What a regulator closed, newest first."""
    query = (
        select(CallRow)
        .where(CallRow.regulator == regulator, CallRow.state == CLOSED)
        .order_by(CallRow.received_at.desc())
        .limit(limit)
    )
    return list(db.scalars(query))


def take(db: Session, number: int, *, regulator: str, name: str, most: int, now: datetime) -> bool:
    """A regulator takes a call that waits; False where it does not wait, or `most` are in hand."""
    one_at_a_time(db, "calls", regulator)
    mine = (
        select(func.count())
        .select_from(CallRow)
        .where(CallRow.regulator == regulator, CallRow.state == TAKEN)
        .scalar_subquery()
    )
    return _done(
        db,
        "take",
        number,
        mine < most,
        regulator=regulator,
        regulator_name=name,
        taken_at=now,
    )


def give_back(db: Session, number: int, *, regulator: str) -> bool:
    """Who has a call in hand lets it wait again; False for everybody else."""
    return _done(
        db,
        "give_back",
        number,
        CallRow.regulator == regulator,
        regulator=None,
        regulator_name=None,
        taken_at=None,
    )


def close(
    db: Session, number: int, *, regulator: str, outcome: str, note: str, now: datetime
) -> bool:
    """Who has a call in hand closes it; False for everybody else."""
    return _done(
        db,
        "close",
        number,
        CallRow.regulator == regulator,
        outcome=outcome,
        note=note,
        closed_at=now,
    )


def _done(db: Session, act: str, number: int, condition: Any, **values: Any) -> bool:
    before, after = TRANSITIONS[act]
    changed = db.execute(
        update(CallRow)
        .where(CallRow.id == number, CallRow.state == before, condition)
        .values(state=after, **values)
        .returning(CallRow.id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None
