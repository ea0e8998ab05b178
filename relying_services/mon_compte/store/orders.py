"""Orders of paper forms: drawn up, confirmed once, listed (MA-06)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.models import OrderLineRow, OrderRow


def add_draft(db: Session, draft: OrderRow, quantities: Mapping[str, int]) -> None:
    """Keep an order that was drawn up; the one that its author drew up before it goes."""
    db.execute(
        delete(OrderRow).where(
            OrderRow.owner == draft.owner,
            OrderRow.ordered_by == draft.ordered_by,
            OrderRow.confirmed_at.is_(None),
        )
    )
    db.add(draft)
    db.flush()
    lines = [
        {"order_id": draft.id, "form": form, "quantity": quantity}
        for form, quantity in quantities.items()
    ]
    db.execute(insert(OrderLineRow), lines)


def purge_drafts(db: Session, before: datetime) -> None:
    """Forget orders that were drawn up before an instant and never confirmed."""
    unconfirmed = delete(OrderRow).where(
        OrderRow.confirmed_at.is_(None), OrderRow.drawn_at < before
    )
    db.execute(unconfirmed)


def order_of(db: Session, owner: str, number: int) -> OrderRow | None:
    """One order; none where it is another's."""
    return db.scalar(select(OrderRow).where(OrderRow.id == number, OrderRow.owner == owner))


def lines_of(db: Session, number: int) -> Mapping[str, int]:
    """How many of each form an order asks for."""
    query = select(OrderLineRow.form, OrderLineRow.quantity).where(OrderLineRow.order_id == number)
    return {row[0]: row[1] for row in db.execute(query)}


def orders(db: Session, owner: str, *, before: int | None = None, limit: int) -> Sequence[OrderRow]:
    """Orders, newest first.

    Args:
        db: a transaction.
        owner: whose.
        before: number of the last one of the page before.
        limit: how many at the most.
    """
    query = select(OrderRow).where(OrderRow.owner == owner).order_by(OrderRow.id.desc())
    if before is not None:
        query = query.where(OrderRow.id < before)
    return db.scalars(query.limit(limit)).all()


def confirm(db: Session, order: OrderRow, now: datetime, drawn_since: datetime) -> bool:
    """Let it take effect, once; false where it has already, was dropped, or is too old."""
    done = db.execute(
        update(OrderRow)
        .where(
            OrderRow.id == order.id,
            OrderRow.owner == order.owner,
            OrderRow.confirmed_at.is_(None),
            OrderRow.drawn_at > drawn_since,
        )
        .values(confirmed_at=now)
        .returning(OrderRow.id)
    )
    return done.first() is not None


def drop(db: Session, order: OrderRow) -> bool:
    """Forget an order that was not confirmed; false where it was."""
    done = db.execute(
        delete(OrderRow)
        .where(
            OrderRow.id == order.id,
            OrderRow.owner == order.owner,
            OrderRow.confirmed_at.is_(None),
        )
        .returning(OrderRow.id)
    )
    return done.first() is not None
