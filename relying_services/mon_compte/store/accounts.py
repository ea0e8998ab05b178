"""Accounts and their billing numbers."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.models import AccountRow, PracticeRow


def account_of(db: Session, owner: str) -> AccountRow | None:
    """The account of a person, if the fund has one."""
    return db.get(AccountRow, owner)


def practices_of(db: Session, owner: str) -> Sequence[PracticeRow]:
    """The places of practice of a person, each with its billing number."""
    query = select(PracticeRow).where(PracticeRow.owner == owner).order_by(PracticeRow.number)
    return db.scalars(query).all()


def practice_of(db: Session, owner: str, number: str) -> PracticeRow | None:
    """One of them; none where the number is another's."""
    query = select(PracticeRow).where(PracticeRow.owner == owner, PracticeRow.number == number)
    return db.scalar(query)


def known_owners(db: Session, owners: Sequence[str]) -> set[str]:
    """Those of some identifiers that have an account already."""
    return set(db.scalars(select(AccountRow.owner).where(AccountRow.owner.in_(owners))))
