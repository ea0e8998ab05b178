"""Professionals in the generation in force, and what is held beside it (decision 36)."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, case, func, literal, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from idp.store.models import (
    Account,
    Contact,
    DirectoryAlias,
    DirectoryPerson,
    LocalCorrection,
    World,
)


def read_person(
    db: Session, national_id: str
) -> tuple[DirectoryPerson, LocalCorrection | None, bool] | None:
    """The directory's row, our corrections, and whether a former identifier was struck off.

    A former identifier leads to its person.
    """
    former = aliased(LocalCorrection)
    struck_off_before = (
        select(former.national_id)
        .join(
            DirectoryAlias,
            (DirectoryAlias.alias == former.national_id)
            & (DirectoryAlias.generation == DirectoryPerson.generation)
            & (DirectoryAlias.national_id == DirectoryPerson.national_id),
        )
        .where(former.struck_off.is_(True))
        .correlate(DirectoryPerson)
        .exists()
    )
    row = db.execute(
        select(DirectoryPerson, LocalCorrection, struck_off_before)
        .outerjoin(LocalCorrection, LocalCorrection.national_id == DirectoryPerson.national_id)
        .where(
            DirectoryPerson.generation == _in_force(),
            DirectoryPerson.national_id == _resolved(national_id),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], bool(row[2]))


def read_contact(db: Session, national_id: str) -> Contact | None:
    """The private contacts of a person, also when declared under a former identifier."""
    return db.scalars(
        select(Contact)
        .where(_belongs_to(Contact.national_id, national_id))
        .order_by(case((Contact.national_id == _resolved(national_id), 0), else_=1))
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def read_account(db: Session, national_id: str) -> Account | None:
    """The account of a person, also when opened under a former identifier."""
    return db.scalars(
        select(Account)
        .where(_belongs_to(Account.national_id, national_id))
        .order_by(case((Account.national_id == _resolved(national_id), 0), else_=1))
        .limit(1)
    ).one_or_none()


def add_account(db: Session, national_id: str, *, now: datetime) -> None:
    """Open an account unless another request just did."""
    db.execute(
        _insert(db, Account)
        .values(
            account_id=str(uuid.uuid4()),
            national_id=select(_resolved(national_id)).scalar_subquery(),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Account.national_id])
    )


def replace_contact(
    db: Session,
    *,
    national_id: str,
    mobile: str,
    email: str,
    now: datetime,
    held_until: datetime | None,
) -> None:
    """Declare contacts; those in force until now are kept as the previous ones."""
    statement = _insert(db, Contact).values(
        national_id=national_id,
        mobile=mobile,
        email=email,
        declared_at=now,
        held_until=held_until,
    )
    db.execute(
        statement.on_conflict_do_update(
            index_elements=[Contact.national_id],
            set_={
                "previous_mobile": Contact.mobile,
                "previous_email": Contact.email,
                "mobile": mobile,
                "email": email,
                "declared_at": now,
                "held_until": held_until,
            },
        )
    )


def write_correction(
    db: Session,
    *,
    national_id: str,
    struck_off: bool,
    civil_identity: dict[str, Any] | None,
    now: datetime,
) -> None:
    """Hold what we know better than the directory."""
    values = {"struck_off": struck_off, "civil_identity": civil_identity, "changed_at": now}
    db.execute(
        _insert(db, LocalCorrection)
        .values(national_id=national_id, **values)
        .on_conflict_do_update(index_elements=[LocalCorrection.national_id], set_=values)
    )


def switch_generation(db: Session, number: int) -> None:
    """Put one generation in force: the single row that every reading looks at."""
    db.execute(update(World).where(World.id == 1).values(directory_generation=number))


def _in_force() -> ScalarSelect[int | None]:
    return select(World.directory_generation).where(World.id == 1).scalar_subquery()


def _resolved(national_id: str) -> ColumnElement[str]:
    former = (
        select(DirectoryAlias.national_id)
        .where(DirectoryAlias.generation == _in_force(), DirectoryAlias.alias == national_id)
        .scalar_subquery()
    )
    return func.coalesce(former, literal(national_id))


def _belongs_to(column: Any, national_id: str) -> ColumnElement[bool]:
    # One list, not an alternative: PostgreSQL would read the whole table for `a OR b IN (…)`.
    former = select(DirectoryAlias.alias).where(
        DirectoryAlias.generation == _in_force(),
        DirectoryAlias.national_id == _resolved(national_id),
    )
    own = select(_resolved(national_id))
    return cast("ColumnElement[bool]", column.in_(union_all(own, former)))


def _insert(db: Session, model: Any) -> Any:
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return backend.insert(model)
