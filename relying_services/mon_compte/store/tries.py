"""Budgets of tries: each taken before a secret is looked at, given back when it was right."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.credential_models import TryRow
from relying_services.service.store.statements import insert_or


def take(db: Session, budget: str, now: datetime, window: timedelta) -> int:
    """Take one try from a budget; gives how many were taken in its window, this one included."""
    db.execute(delete(TryRow).where(TryRow.since <= now - window))
    query = (
        insert_or(db, TryRow)
        .values(budget=budget, tries=1, since=now)
        .on_conflict_do_update(index_elements=[TryRow.budget], set_={"tries": TryRow.tries + 1})
        .returning(TryRow.tries)
    )
    return int(db.scalar(query) or 0)


def give_back(db: Session, budgets: Sequence[str]) -> None:
    """Give one try back to each of some budgets: who was right takes none from who was wrong."""
    query = update(TryRow).where(TryRow.budget.in_(budgets), TryRow.tries > 0)
    db.execute(query.values(tries=TryRow.tries - 1))
