"""Transfers to a practitioner; each query reads the rows of one owner, along an index."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.models import PaymentRow


def payment_of(db: Session, owner: str, since: date, number: int) -> PaymentRow | None:
    """One transfer; none where it is another's, or older than what is shown."""
    query = select(PaymentRow).where(
        PaymentRow.id == number, PaymentRow.owner == owner, PaymentRow.paid_on >= since
    )
    return db.scalar(query)


def payments(
    db: Session,
    owner: str,
    since: date,
    *,
    kind: str = "",
    after: PaymentRow | None = None,
    limit: int,
) -> Sequence[PaymentRow]:
    """Transfers, newest first.

    Args:
        db: a transaction.
        owner: whose.
        since: the first day shown.
        kind: of this kind only.
        after: the last one of the page before.
        limit: how many at the most.
    """
    query = select(PaymentRow).where(PaymentRow.owner == owner, PaymentRow.paid_on >= since)
    if kind:
        query = query.where(PaymentRow.kind == kind)
    if after is not None:
        place = tuple_(PaymentRow.paid_on, PaymentRow.id)
        query = query.where(place < (after.paid_on, after.id))
    query = query.order_by(PaymentRow.paid_on.desc(), PaymentRow.id.desc()).limit(limit)
    return db.scalars(query).all()


def total(db: Session, owner: str, since: date, *, kind: str = "") -> int:
    """The sum of the transfers shown, in cents."""
    query = select(func.coalesce(func.sum(PaymentRow.amount), 0)).where(
        PaymentRow.owner == owner, PaymentRow.paid_on >= since
    )
    if kind:
        query = query.where(PaymentRow.kind == kind)
    return int(db.scalar(query) or 0)
