"""Replacement sessions: kept, moved from state to state by one conditional statement, deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from relying_services.billing.states import State
from relying_services.billing.store.models import ReplacementActRow, ReplacementRow


def find(db: Session, replacement_id: str) -> ReplacementRow | None:
    """The session of this name."""
    return db.get(ReplacementRow, replacement_id)


def of_person(db: Session, national_id: str) -> Sequence[ReplacementRow]:
    """The sessions in which somebody is replaced, or replaces, newest first."""
    query = (
        select(ReplacementRow)
        .where(
            or_(ReplacementRow.replaced == national_id, ReplacementRow.substitute == national_id)
        )
        .order_by(ReplacementRow.prepared_at.desc())
    )
    return db.scalars(query).all()


def prepared_for(db: Session, national_id: str) -> Sequence[ReplacementRow]:
    """The sessions that are open for a substitute, suspended ones too, newest first."""
    query = (
        select(ReplacementRow)
        .where(
            ReplacementRow.substitute == national_id,
            ReplacementRow.state.in_([State.PREPAREE, State.ACTIVE, State.SUSPENDUE]),
        )
        .order_by(ReplacementRow.prepared_at.desc())
    )
    return db.scalars(query).all()


def is_any_prepared(db: Session) -> bool:
    """Whether a session waits for a substitute, whoever that is."""
    query = select(ReplacementRow.id).where(ReplacementRow.state == State.PREPAREE).limit(1)
    return db.scalar(query) is not None


def held_by(db: Session, handle: str) -> ReplacementRow | None:
    """The active session of a sign-in."""
    query = select(ReplacementRow).where(
        ReplacementRow.held_by == handle, ReplacementRow.state == State.ACTIVE
    )
    return db.scalar(query)


def is_under_way(db: Session, replaced: str) -> bool:
    """Whether a substitute bills for a doctor now."""
    query = select(ReplacementRow.id).where(
        ReplacementRow.replaced == replaced, ReplacementRow.state == State.ACTIVE
    )
    return db.scalar(query) is not None


def move(db: Session, row: ReplacementRow, after: State, **values: Any) -> bool:
    """Change the state, unless it is another one by now; gives whether it was changed."""
    moved = db.execute(
        update(ReplacementRow)
        .where(ReplacementRow.id == row.id, ReplacementRow.state == row.state)
        .values(state=after, **values)
        .returning(ReplacementRow.id)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


def release_others(db: Session, row: ReplacementRow, handle: str) -> None:
    """A sign-in holds one session at a time."""
    db.execute(
        update(ReplacementRow)
        .where(ReplacementRow.held_by == handle, ReplacementRow.id != row.id)
        .values(held_by=None)
        .execution_options(synchronize_session=False)
    )


def count_invoice(db: Session, row: ReplacementRow, handle: str) -> bool:
    """Count one more invoice while the session is active in this sign-in; gives whether it is."""
    counted = db.execute(
        update(ReplacementRow)
        .where(
            ReplacementRow.id == row.id,
            ReplacementRow.state == State.ACTIVE,
            ReplacementRow.held_by == handle,
        )
        .values(invoices=ReplacementRow.invoices + 1)
        .returning(ReplacementRow.id)
        .execution_options(synchronize_session=False)
    )
    return counted.first() is not None


def add_act(
    db: Session,
    row: ReplacementRow,
    *,
    act: str,
    at: datetime,
    actor: str,
    card_number: str,
    text: str,
    signed: dict[str, Any],
) -> None:
    """Keep a transition with its signature."""
    db.add(
        ReplacementActRow(
            replacement_id=row.id,
            act=act,
            at=at,
            actor=actor,
            card_number=card_number,
            text=text,
            signed=signed,
        )
    )


def acts_of(db: Session, row: ReplacementRow) -> Sequence[ReplacementActRow]:
    """The transitions of a session, in order."""
    query = (
        select(ReplacementActRow)
        .where(ReplacementActRow.replacement_id == row.id)
        .order_by(ReplacementActRow.id)
    )
    return db.scalars(query).all()


def remove(db: Session, row: ReplacementRow) -> bool:
    """Delete a closed session with all that was memorised (SV-12); gives whether it was there."""
    gone = db.execute(
        delete(ReplacementRow)
        .where(ReplacementRow.id == row.id, ReplacementRow.state == State.DESACTIVEE)
        .returning(ReplacementRow.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None
