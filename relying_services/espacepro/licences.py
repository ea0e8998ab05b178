"""`Licence de remplacement`: what lets a student substitute, for how long, for whom (domain, 6)."""

from collections.abc import Set as AbstractSet
from datetime import date

from sqlalchemy.orm import Session

from relying_services.espacepro.directory import STUDENT, person
from relying_services.espacepro.errors import LicenceRefused
from relying_services.espacepro.store.licences import (
    add_licence,
    licences_covering,
    remove_licence,
)
from relying_services.espacepro.store.models import LicenceRow

_GENERAL_MEDICINE = frozenset({"SM26", "SM53", "SM54"})
"""One specialty under three codes: qualified in it, specialist of it, and its own diploma."""


def is_licensed(
    db: Session,
    national_id: str,
    *,
    starts_on: date,
    ends_on: date,
    specialties: AbstractSet[str],
) -> bool:
    """Whether one licence covers every day and a specialty of the person who is replaced.

    Args:
        db: a transaction.
        national_id: of the student.
        starts_on: first day.
        ends_on: last day, included.
        specialties: `codeSavoirFaire` of the person replaced.
    """
    practised = _alike(specialties)
    held = licences_covering(db, national_id, starts_on, ends_on)
    return any(_alike({licence.specialty}) & practised for licence in held)


def register(db: Session, licence: LicenceRow) -> None:
    """Keep a licence that the Order gave.

    Raises:
        LicenceRefused: it ends before it begins, its number is known, or its holder is no student.
    """
    if licence.ends_on < licence.starts_on:
        raise LicenceRefused("the licence ends before it begins")
    holder = person(db, licence.national_id)
    if holder is None or not any(each.category == STUDENT for each in holder.exercises):
        raise LicenceRefused(f"{licence.national_id} is no student in the directory")
    if not add_licence(db, licence):
        raise LicenceRefused(f"licence {licence.number} is known already")


def withdraw(db: Session, number: str) -> None:
    """Forget a licence that the Order withdrew; the next act under it is refused.

    Raises:
        LicenceRefused: there is none of this number.
    """
    if not remove_licence(db, number):
        raise LicenceRefused(f"there is no licence {number}")


def _alike(specialties: AbstractSet[str]) -> AbstractSet[str]:
    is_general = bool(specialties & _GENERAL_MEDICINE)
    return specialties | _GENERAL_MEDICINE if is_general else specialties
