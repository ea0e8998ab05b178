"""Professionals in the generation in force, and what is held beside it (decision 36)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from idp.store.models import (
    Account,
    Contact,
    DirectoryAlias,
    DirectoryPerson,
    LocalCorrection,
    World,
)
from idp.store.statements import upsert


@dataclass(frozen=True)
class StoredPerson:
    """What is held about a professional."""

    row: DirectoryPerson
    correction: LocalCorrection | None
    struck_off_before: bool
    """A former identifier of theirs was struck off."""

    @property
    def closed(self) -> bool:
        """Whether they may no longer sign in (EC-01)."""
        struck_off = self.correction is not None and self.correction.struck_off
        return self.row.closed or self.struck_off_before or struck_off


def read_person(db: Session, national_id: str) -> StoredPerson | None:
    """The directory's row and our corrections; a former identifier leads to its person."""
    return stored_person(*db.execute(_PERSON, {"of": national_id}).one())


def read_person_and_account(
    db: Session, national_id: str
) -> tuple[StoredPerson | None, Account | None]:
    """A person with their account, also when that was opened under a former identifier."""
    row, correction, struck_off_before, account = db.execute(
        _PERSON_AND_ACCOUNT, {"of": national_id}
    ).first() or (None, None, False, None)
    return stored_person(row, correction, struck_off_before), account


def stored_person(
    row: DirectoryPerson | None, correction: LocalCorrection | None, struck_off_before: bool
) -> StoredPerson | None:
    """From the columns that `with_person` adds."""
    return None if row is None else StoredPerson(row, correction, bool(struck_off_before))


def with_person(statement: Select[Any], national_id: Any) -> Select[Any]:
    """Add what `stored_person` needs to a statement, for the identifier that each row gives."""
    return _beside_world(statement.outerjoin(World, World.id == 1), national_id)


def _beside_world(statement: Select[Any], national_id: Any) -> Select[Any]:
    former = aliased(DirectoryAlias)
    own = func.coalesce(former.national_id, national_id)
    return (
        statement.add_columns(DirectoryPerson, LocalCorrection, _struck_off_before())
        .outerjoin(
            former,
            and_(former.generation == World.directory_generation, former.alias == national_id),
        )
        .outerjoin(
            DirectoryPerson,
            and_(
                DirectoryPerson.generation == World.directory_generation,
                DirectoryPerson.national_id == own,
            ),
        )
        .outerjoin(LocalCorrection, LocalCorrection.national_id == DirectoryPerson.national_id)
    )


def read_contact(db: Session, national_id: str) -> Contact | None:
    """The private contacts of a person, also when declared under a former identifier."""
    return db.scalars(
        select(Contact)
        .where(belongs_to(Contact.national_id, literal(national_id)))
        .order_by(case((Contact.national_id == resolved(literal(national_id)), 0), else_=1))
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def read_account(db: Session, national_id: str) -> Account | None:
    """The account of a person, also when opened under a former identifier."""
    return db.scalars(_ACCOUNT, {"of": national_id}).one_or_none()


def add_account(db: Session, national_id: str, *, now: datetime) -> Account | None:
    """Open an account; nothing where another request just did."""
    return db.scalars(
        upsert(db, Account)
        .values(
            account_id=str(uuid.uuid4()),
            national_id=select(resolved(literal(national_id))).scalar_subquery(),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[Account.national_id])
        .returning(Account)
    ).one_or_none()


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
    # A second change while the first is held keeps those that were there before both.
    held = Contact.held_until > now
    statement = upsert(db, Contact).values(
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
                "previous_mobile": case((held, Contact.previous_mobile), else_=Contact.mobile),
                "previous_email": case((held, Contact.previous_email), else_=Contact.email),
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
        upsert(db, LocalCorrection)
        .values(national_id=national_id, **values)
        .on_conflict_do_update(index_elements=[LocalCorrection.national_id], set_=values)
    )


def switch_generation(db: Session, number: int) -> None:
    """Put one generation in force: the single row that every reading looks at."""
    db.execute(update(World).where(World.id == 1).values(directory_generation=number))


def resolved(national_id: ColumnElement[str]) -> ColumnElement[str]:
    """The identifier under which the generation in force knows who this one names."""
    former = (
        select(DirectoryAlias.national_id)
        .where(DirectoryAlias.generation == _in_force(), DirectoryAlias.alias == national_id)
        .scalar_subquery()
    )
    return func.coalesce(former, national_id)


def _in_force() -> ScalarSelect[int | None]:
    return select(World.directory_generation).where(World.id == 1).scalar_subquery()


def belongs_to(column: Any, national_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a column holds an identifier of this person, the present or a former one."""
    # One list, not an alternative: PostgreSQL would read the whole table for `a OR b IN (…)`.
    former = select(DirectoryAlias.alias).where(
        DirectoryAlias.generation == _in_force(),
        DirectoryAlias.national_id == resolved(national_id),
    )
    own = select(resolved(national_id))
    return cast("ColumnElement[bool]", column.in_(union_all(own, former)))


def _struck_off_before() -> ColumnElement[bool]:
    former = aliased(LocalCorrection)
    alias = aliased(DirectoryAlias)
    return (
        select(former.national_id)
        .join(
            alias,
            (alias.alias == former.national_id)
            & (alias.generation == DirectoryPerson.generation)
            & (alias.national_id == DirectoryPerson.national_id),
        )
        .where(former.struck_off.is_(True))
        .correlate(DirectoryPerson)
        .exists()
    )


_GIVEN = bindparam("of", type_=String)
_PERSON = _beside_world(select().select_from(World).where(World.id == 1), _GIVEN)
_OWN_FIRST = case((Account.national_id == resolved(_GIVEN), 0), else_=1)
_ACCOUNT = (
    select(Account).where(belongs_to(Account.national_id, _GIVEN)).order_by(_OWN_FIRST).limit(1)
)
_PERSON_AND_ACCOUNT = (
    _PERSON.add_columns(Account)
    .outerjoin(Account, belongs_to(Account.national_id, _GIVEN))
    .order_by(_OWN_FIRST)
    .limit(1)
)
