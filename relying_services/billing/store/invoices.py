"""Invoices: added and read, never changed; a batch takes each of them once."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from relying_services.billing.store.models import InvoiceRow


def add(db: Session, row: InvoiceRow) -> None:
    """Keep an invoice."""
    db.add(row)


def find(db: Session, number: int) -> InvoiceRow | None:
    """The invoice of this number."""
    return db.get(InvoiceRow, number)


def newest(db: Session, billed_for: str, before: int | None, limit: int) -> Sequence[InvoiceRow]:
    """Invoices in the name of a doctor, newest first, from before a number on."""
    query = select(InvoiceRow).where(InvoiceRow.billed_for == billed_for)
    if before is not None:
        query = query.where(InvoiceRow.number < before)
    return db.scalars(query.order_by(InvoiceRow.number.desc()).limit(limit)).all()


def unbatched(db: Session, billed_for: str, limit: int) -> Sequence[InvoiceRow]:
    """Invoices in the name of a doctor that are in no batch, oldest first."""
    query = (
        select(InvoiceRow)
        .where(InvoiceRow.billed_for == billed_for, InvoiceRow.batch_number.is_(None))
        .order_by(InvoiceRow.number)
        .limit(limit)
    )
    return db.scalars(query).all()


def put_in_batch(db: Session, numbers: list[int], billed_for: str, batch: int) -> int:
    """Put invoices in a batch that are in none; gives how many."""
    put = db.execute(
        update(InvoiceRow)
        .where(
            InvoiceRow.number.in_(numbers),
            InvoiceRow.billed_for == billed_for,
            InvoiceRow.batch_number.is_(None),
        )
        .values(batch_number=batch)
        .returning(InvoiceRow.number)
        .execution_options(synchronize_session=False)
    )
    return len(put.all())
