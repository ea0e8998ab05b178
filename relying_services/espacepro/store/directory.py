"""The directory: imported in batches under a new number, put in force by one row (decision 36)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from relying_services.espacepro.store.models import DirectoryImportRow, DirectoryRow
from relying_services.service.store.statements import insert_or

_IN_FORCE = (
    select(func.max(DirectoryImportRow.number))
    .where(DirectoryImportRow.in_force_at.is_not(None))
    .scalar_subquery()
)


def entries_of(db: Session, national_id: str) -> Sequence[DirectoryRow]:
    """What the directory in force tells of a person; nothing of who is not active in it."""
    query = (
        select(DirectoryRow)
        .where(
            DirectoryRow.import_number == _IN_FORCE,
            DirectoryRow.national_id == national_id,
        )
        .order_by(DirectoryRow.profession, DirectoryRow.category, DirectoryRow.specialty)
    )
    return db.scalars(query).all()


def rows_in_force(db: Session) -> int:
    """How many rows the directory in force has; none before the first import."""
    query = select(DirectoryImportRow.rows).where(DirectoryImportRow.number == _IN_FORCE)
    return db.scalar(query) or 0


def start_import(db: Session, now: datetime) -> int:
    """Begin an import; gives its number."""
    row = DirectoryImportRow(started_at=now, in_force_at=None, rows=0)
    db.add(row)
    db.flush()
    return row.number


def add_entries(db: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of an import; a person has one in a profession, however many places of work."""
    if entries:
        db.execute(insert_or(db, DirectoryRow).on_conflict_do_nothing(), entries)


def rows_of_import(db: Session, number: int) -> int:
    """How many rows an import has brought."""
    counted = select(func.count()).where(DirectoryRow.import_number == number)
    return db.scalar(counted) or 0


def put_in_force(db: Session, number: int, rows: int, now: datetime) -> bool:
    """From now on this import is the directory; false where a later one forgot it meanwhile."""
    done = db.execute(
        update(DirectoryImportRow)
        .where(DirectoryImportRow.number == number)
        .values(in_force_at=now, rows=rows)
        .returning(DirectoryImportRow.number)
    )
    return done.first() is not None


def forget_import(db: Session, number: int) -> None:
    """Forget one import that is not to be in force."""
    db.execute(delete(DirectoryRow).where(DirectoryRow.import_number == number))
    db.execute(delete(DirectoryImportRow).where(DirectoryImportRow.number == number))


def forget_some(db: Session, *, older_than: int, limit: int) -> bool:
    """Forget some rows of imports that another replaced; false where none is left."""
    number = db.scalar(
        select(func.min(DirectoryImportRow.number)).where(DirectoryImportRow.number < older_than)
    )
    if number is None:
        return False
    last = db.scalar(
        select(DirectoryRow.national_id)
        .where(DirectoryRow.import_number == number)
        .order_by(DirectoryRow.national_id)
        .offset(limit)
        .limit(1)
    )
    if last is None:
        forget_import(db, number)
        return True
    db.execute(
        delete(DirectoryRow).where(
            DirectoryRow.import_number == number, DirectoryRow.national_id <= last
        )
    )
    return True
