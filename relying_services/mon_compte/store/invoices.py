"""Invoices of third-party payment: sorted, searched, page by page (MA-04).

Each query reads the rows of one owner along the index of its order: a page costs the same wherever
in the list it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from relying_services.mon_compte.store.models import InvoiceRow

_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "date": InvoiceRow.paid_on,
    "patient": InvoiceRow.patient_key,
    "facture": InvoiceRow.number,
    "lot": InvoiceRow.batch,
}
_AFTER_DIGITS = ":"
"""The character behind `9`: the end of what begins with some digits."""


@dataclass(frozen=True)
class Sought:
    """What an invoice must be like to be listed."""

    first_day: date | None = None
    last_day: date | None = None
    words: tuple[str, ...] = ()
    """Folded; each begins a word of the patient's name."""
    number: str = ""
    """Digits with which the invoice's number begins."""
    batch: str = ""
    """Digits with which the batch's number begins."""


def invoice_of(db: Session, owner: str, since: date, number: int) -> InvoiceRow | None:
    """One invoice; none where it is another's, or older than what is shown."""
    query = select(InvoiceRow).where(
        InvoiceRow.id == number, InvoiceRow.owner == owner, InvoiceRow.paid_on >= since
    )
    return db.scalar(query)


def invoices(
    db: Session,
    owner: str,
    since: date,
    sought: Sought,
    *,
    sort: str,
    descending: bool,
    after: InvoiceRow | None = None,
    limit: int,
) -> Sequence[InvoiceRow]:
    """Invoices in an order, those of equal rank by their own number.

    Args:
        db: a transaction.
        owner: whose.
        since: the first day shown.
        sought: which of them.
        sort: `date`, `patient`, `facture` or `lot`.
        descending: from the last to the first.
        after: the last one of the page before.
        limit: how many at the most.
    """
    column = _COLUMNS[sort]
    query = _found(select(InvoiceRow), owner, since, sought)
    if after is not None:
        here, before = tuple_(column, InvoiceRow.id), (getattr(after, column.key), after.id)
        query = query.where(here < before if descending else here > before)
    order = (column.desc(), InvoiceRow.id.desc()) if descending else (column, InvoiceRow.id)
    return db.scalars(query.order_by(*order).limit(limit)).all()


def invoices_of_payment(
    db: Session, owner: str, payment: int, *, after: int = 0, limit: int
) -> Sequence[InvoiceRow]:
    """Invoices that one transfer paid, in the order of their own numbers."""
    query = (
        select(InvoiceRow)
        .where(InvoiceRow.payment_id == payment, InvoiceRow.owner == owner, InvoiceRow.id > after)
        .order_by(InvoiceRow.id)
        .limit(limit)
    )
    return db.scalars(query).all()


def _found(
    query: Select[InvoiceRow], owner: str, since: date, sought: Sought
) -> Select[InvoiceRow]:
    first = max(since, sought.first_day or since)
    query = query.where(InvoiceRow.owner == owner, InvoiceRow.paid_on >= first)
    if sought.last_day is not None:
        query = query.where(InvoiceRow.paid_on <= sought.last_day)
    for word in sought.words:
        # Folded words hold no sign that LIKE reads as more than itself.
        query = query.where((" " + InvoiceRow.patient_key).like(f"% {word}%"))
    for column, digits in ((InvoiceRow.number, sought.number), (InvoiceRow.batch, sought.batch)):
        if digits:
            query = query.where(column >= digits, column < digits + _AFTER_DIGITS)
    return query
