"""Acts at the teleservices: drawn up, found, led from one state to the next, each step once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from relying_services.espacepro.acts import TRANSITIONS, Step
from relying_services.espacepro.store.act_models import ActRow
from relying_services.service.store.statements import one_at_a_time


@dataclass(frozen=True)
class Scope:
    """Which acts somebody may read: all done in their name, or their own under one delegation."""

    person: str
    """Who reads: a national identifier."""
    delegation_id: str | None = None


def add_act(db: Session, act: ActRow) -> None:
    """Keep what was drawn up."""
    db.add(act)
    db.flush()


def act_of(db: Session, scope: Scope, service: str, act_id: str) -> ActRow | None:
    """One act, where it is within the scope."""
    query = select(ActRow).where(ActRow.id == act_id, ActRow.service == service, _within(scope))
    return db.scalar(query)


def acts(
    db: Session, scope: Scope, service: str, *, before: int | None = None, limit: int
) -> Sequence[ActRow]:
    """Acts at a teleservice within a scope, newest first, older than a number."""
    query = select(ActRow).where(_within(scope), ActRow.service == service)
    if before is not None:
        query = query.where(ActRow.number < before)
    return db.scalars(query.order_by(ActRow.number.desc()).limit(limit)).all()


def lead_act(db: Session, act: ActRow, step: Step, **values: Any) -> bool:
    """Do a step where the state allows it; false where somebody was quicker, or it never did."""
    came_from, leads_to = TRANSITIONS[step]
    done = db.scalar(
        update(ActRow)
        .where(ActRow.number == act.number, ActRow.state == came_from)
        .values(state=leads_to, **values)
        .returning(ActRow.number)
        .execution_options(synchronize_session=False)
    )
    return done is not None


def drawn_since(db: Session, author: str, service: str, since: datetime) -> int:
    """How many acts at a teleservice somebody has drawn up since an instant.

    Who counts the same meanwhile waits for the end of this transaction.
    """
    one_at_a_time(db, f"acts at {service}", author)
    query = select(func.count()).where(
        ActRow.author == author, ActRow.service == service, ActRow.drawn_at > since
    )
    return db.scalar(query) or 0


def purge_unsent(db: Session, before: datetime) -> None:
    """Forget what was drawn up before an instant and then dropped, or left as it was."""
    unsent = delete(ActRow).where(ActRow.settled_at.is_(None), ActRow.drawn_at < before)
    db.execute(unsent)


def _within(scope: Scope) -> ColumnElement[bool]:
    if scope.delegation_id is not None:
        return and_(ActRow.delegation_id == scope.delegation_id, ActRow.author == scope.person)
    # What a delegate has not given away yet is nobody's but theirs.
    is_given = or_(ActRow.state != "draft", ActRow.author == scope.person)
    return and_(ActRow.owner == scope.person, is_given)
