"""What patients were reimbursed: found by who the patient is, never listed otherwise."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from relying_services.espacepro.store.act_models import ReimbursementRow


def reimbursements(
    db: Session, patient: str, born_on: date, *, limit: int
) -> Sequence[ReimbursementRow]:
    """Reimbursements of one patient, newest first.

    Args:
        db: a transaction.
        patient: family name and given name, without accents or capitals.
        born_on: the patient's day of birth.
        limit: how many at the most.
    """
    query = (
        select(ReimbursementRow)
        .where(ReimbursementRow.patient == patient, ReimbursementRow.born_on == born_on)
        .order_by(ReimbursementRow.cared_on.desc(), ReimbursementRow.number.desc())
        .limit(limit)
    )
    return db.scalars(query).all()


def add_reimbursements(db: Session, rows: Sequence[ReimbursementRow]) -> None:
    """Keep reimbursements."""
    db.add_all(rows)


def has_reimbursements(db: Session) -> bool:
    """Whether there is any."""
    return db.scalar(select(ReimbursementRow.number).limit(1)) is not None
