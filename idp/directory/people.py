"""Who a professional is: the directory's word, corrected by ours (decision 36)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.directory.exercices import Exercice, expand
from idp.store.models import Account, Contact
from idp.store.people import (
    StoredPerson,
    add_account,
    read_account,
    read_contact,
    read_person,
    read_person_and_account,
)


@dataclass(frozen=True)
class Person:
    """A professional as every part of the provider sees them."""

    national_id: str
    identifier_type: str
    """Type digit of TRE_G08 (`8` RPPS, `0` ADELI, `3` to `6` employees) or `EDIT`."""
    family_name: str
    """Civil name; may differ from `nomDexercice`."""
    given_name: str
    civilite: str
    """`M` or `MME` (TRE_R81), or empty."""
    other_ids: list[dict[str, Any]]
    """`[{identifiant, origine, qualite}]`."""
    exercices: list[Exercice]
    """Every member of PSC's `exercices`, in order, none missing."""
    closed: bool
    """Struck off, or closed in the directory: no means may authenticate (EC-01)."""

    @property
    def display_name(self) -> str:
        """Given and family name, as pages and messages say it."""
        return f"{self.given_name} {self.family_name}".strip()


def find_person(db: Session, national_id: str) -> Person | None:
    """The person of a canonical identifier; a former ADELI one leads to its RPPS person."""
    return person_of(read_person(db, national_id))


def person_of(found: StoredPerson | None) -> Person | None:
    """The directory's row, corrected."""
    if found is None:
        return None
    row, correction = found.row, found.correction
    civil = (correction.civil_identity if correction else None) or {}
    return Person(
        national_id=row.national_id,
        identifier_type=row.identifier_type,
        family_name=civil.get("family_name") or row.family_name,
        given_name=civil.get("given_name") or row.given_name,
        civilite=civil.get("civilite") or row.civilite,
        other_ids=row.other_ids,
        exercices=expand(row.exercices),
        closed=found.closed,
    )


def find_contact(db: Session, national_id: str) -> Contact | None:
    """The private contacts declared to the Order (EC-02); never released to any client."""
    return read_contact(db, national_id)


def account_of(db: Session, national_id: str, now: datetime) -> Account:
    """The stable account of a person, opened at first need.

    One opened under an ADELI identifier stays the account of the RPPS person (decision 36).
    """
    return read_account(db, national_id) or _open_account(db, national_id, now)


def find_person_and_account(
    db: Session, national_id: str, now: datetime
) -> tuple[Person, Account] | None:
    """A person who may sign in, with their account; nothing where they may not."""
    found, account = read_person_and_account(db, national_id)
    person = person_of(found)
    if person is None or person.closed:
        return None
    return person, account or _open_account(db, person.national_id, now)


def _open_account(db: Session, national_id: str, now: datetime) -> Account:
    account = add_account(db, national_id, now=now) or read_account(db, national_id)
    if account is None:
        raise LookupError(national_id)
    return account
