"""Licences of students: kept, withdrawn, listed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relying_services.espacepro.store.models import LicenceRow
from relying_services.service.store.statements import insert_or


def add_licence(db: Session, licence: LicenceRow) -> bool:
    """Keep a licence; false where its number is there already."""
    values = {column.key: getattr(licence, column.key) for column in LicenceRow.__table__.columns}
    added = insert_or(db, LicenceRow).values(**values).on_conflict_do_nothing()
    return db.scalar(added.returning(LicenceRow.number)) is not None


def remove_licence(db: Session, number: str) -> bool:
    """Forget a licence; false where there is none of this number."""
    removed = delete(LicenceRow).where(LicenceRow.number == number).returning(LicenceRow.number)
    return db.scalar(removed) is not None


def licences_of(db: Session, national_id: str) -> Sequence[LicenceRow]:
    """Licences of a student, oldest first."""
    query = (
        select(LicenceRow).where(LicenceRow.national_id == national_id).order_by(LicenceRow.ends_on)
    )
    return db.scalars(query).all()


def licences_covering(
    db: Session, national_id: str, starts_on: date, ends_on: date
) -> Sequence[LicenceRow]:
    """Licences of a student that hold on every day from one to another, both included."""
    query = select(LicenceRow).where(
        LicenceRow.national_id == national_id,
        LicenceRow.ends_on >= ends_on,
        LicenceRow.starts_on <= starts_on,
    )
    return db.scalars(query).all()
