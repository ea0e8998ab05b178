"""Writing many rows at once."""

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from relying_services.mon_compte.invented import Row
from relying_services.mon_compte.store.base import Base
from relying_services.mon_compte.store.models import InvoiceRow, PaymentRow


def next_numbers(db: Session) -> tuple[int, int]:
    """The numbers that the next transfer and the next invoice have."""
    last = (
        db.scalar(select(func.coalesce(func.max(PaymentRow.id), 0))),
        db.scalar(select(func.coalesce(func.max(InvoiceRow.id), 0))),
    )
    return (last[0] or 0) + 1, (last[1] or 0) + 1


def write_rows(db: Session, table: str, rows: list[Row]) -> None:
    """Write rows of one table; those of an account that exists already are the caller's mistake."""
    if rows:
        db.connection().execute(insert(Base.metadata.tables[table]), rows)
