"""Acts of the console that wait for a second operator."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import PendingAct
from idp.store.statements import insert_row

PENDING = "pending"
SEAL = "console-act"
"""Purpose under which arguments and results are sealed."""


def add_act(db: Session, act: PendingAct) -> None:
    """Keep an act that waits."""
    insert_row(db, act)


def find_act(db: Session, act_id: str) -> PendingAct | None:
    """An act, whatever became of it."""
    return db.scalar(select(PendingAct).where(PendingAct.act_id == act_id))


def waiting_acts(db: Session, *, now: datetime, limit: int) -> list[PendingAct]:
    """What waits for a decision, the oldest first."""
    waiting = select(PendingAct).where(PendingAct.state == PENDING, PendingAct.expires_at > now)
    return list(db.scalars(waiting.order_by(PendingAct.expires_at).limit(limit)))


def past_acts(db: Session, *, now: datetime, limit: int) -> list[PendingAct]:
    """What does not wait any more, the latest first."""
    past = select(PendingAct).where((PendingAct.state != PENDING) | (PendingAct.expires_at <= now))
    return list(db.scalars(past.order_by(PendingAct.expires_at.desc()).limit(limit)))


def decide(
    db: Session, act_id: str, *, state: str, decided_by: str, now: datetime
) -> PendingAct | None:
    """Decide of an act that waits, once, and never one's own; nothing where that cannot be."""
    return db.scalar(
        update(PendingAct)
        .where(
            PendingAct.act_id == act_id,
            PendingAct.state == PENDING,
            PendingAct.expires_at > now,
            PendingAct.asked_by != decided_by,
        )
        .values(state=state, decided_by=decided_by, decided_at=now)
        .returning(PendingAct)
        .execution_options(populate_existing=True)
    )


def withdraw(db: Session, act_id: str, *, asked_by: str, now: datetime) -> PendingAct | None:
    """Take back what one asked for oneself, while it waits."""
    return db.scalar(
        update(PendingAct)
        .where(
            PendingAct.act_id == act_id,
            PendingAct.state == PENDING,
            PendingAct.asked_by == asked_by,
        )
        .values(state="withdrawn", decided_by=asked_by, decided_at=now)
        .returning(PendingAct)
        .execution_options(populate_existing=True)
    )


def keep_result(db: Session, act_id: str, result_sealed: bytes) -> None:
    """Keep what an act gave, for who asked for it."""
    kept = update(PendingAct).where(PendingAct.act_id == act_id)
    db.execute(kept.values(result_sealed=result_sealed))


def take_result(db: Session, act_id: str, *, asked_by: str, result_sealed: bytes) -> bool:
    """Forget the result that was read, once; False where somebody took it meanwhile."""
    taken = (
        update(PendingAct)
        .where(
            PendingAct.act_id == act_id,
            PendingAct.asked_by == asked_by,
            PendingAct.result_sealed == result_sealed,
        )
        .values(result_sealed=None)
    )
    return db.scalar(taken.returning(PendingAct.act_id)) is not None


def lapse_acts(db: Session, *, now: datetime) -> list[PendingAct]:
    """Mark what nobody decided in time."""
    return list(
        db.scalars(
            update(PendingAct)
            .where(PendingAct.state == PENDING, PendingAct.expires_at <= now)
            .values(state="lapsed")
            .returning(PendingAct)
            .execution_options(populate_existing=True)
        )
    )


def refuse_acts_of(db: Session, name: str, *, now: datetime) -> None:
    """Nothing that an operator asked for is carried out any more, nor its result kept for them.

    Of one who is disabled or invited anew: whoever has the name next may be somebody else.
    """
    asked = update(PendingAct).where(PendingAct.asked_by == name)
    db.execute(asked.where(PendingAct.state == PENDING).values(state="withdrawn", decided_at=now))
    db.execute(asked.where(PendingAct.result_sealed.is_not(None)).values(result_sealed=None))
