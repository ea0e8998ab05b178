"""The directory as EspacePro knows it: who is active, under which name, in which profession.

It is a copy of the open extract. Who is not in the copy in force is not active. Employees of a
practice are not in the extract: their doctor declares them by the identifier of their card (EP-14).
"""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from relying_services.espacepro.store.directory import entries_of
from relying_services.folded import folded

STUDENT = "E"
"""`codeCategorieProfessionnelle` of a student."""

_BARE_RPPS = re.compile(r"\d{11}")
_PROFESSIONAL = re.compile(r"8\d{11}|0[0-9A-Z]{9}")
_EMPLOYEE = re.compile(r"[13456][0-9A-Z]{5,20}/[0-9A-Z]{1,20}")


@dataclass(frozen=True)
class Exercise:
    """One profession of a person."""

    profession: str
    category: str
    specialty: str
    """`codeSavoirFaire`, or nothing."""


@dataclass(frozen=True)
class Person:
    """Somebody who is active in the directory."""

    national_id: str
    family_name: str
    given_name: str
    exercises: tuple[Exercise, ...]

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def practised(self) -> frozenset[str]:
        """Professions practised otherwise than as a student."""
        return frozenset(each.profession for each in self.exercises if each.category != STUDENT)

    @property
    def professions(self) -> frozenset[str]:
        """Professions, those of a student too."""
        return frozenset(each.profession for each in self.exercises)

    @property
    def specialties(self) -> frozenset[str]:
        """Specialties practised."""
        return frozenset(each.specialty for each in self.exercises if each.specialty)

    def is_called(self, family_name: str, given_name: str) -> bool:
        """Whether this is their name, accents, capitals and hyphens aside (EP-07)."""
        return folded(family_name) == folded(self.family_name) and folded(given_name) == folded(
            self.given_name
        )


def person(db: Session, national_id: str) -> Person | None:
    """Somebody, if active."""
    found = entries_of(db, national_id)
    if not found:
        return None
    exercises = tuple(Exercise(each.profession, each.category, each.specialty) for each in found)
    return Person(national_id, found[0].family_name, found[0].given_name, exercises)


def national_id_of(typed: str) -> str:
    """The national identifier that somebody typed; a bare RPPS number gets its `8` (domain, 2)."""
    plain = re.sub(r"\s", "", typed).upper()
    return f"8{plain}" if _BARE_RPPS.fullmatch(plain) else plain


def is_professional(identifier: str) -> bool:
    """Whether an identifier has the form of those that stand in the directory."""
    return _PROFESSIONAL.fullmatch(identifier) is not None


def is_employee(identifier: str) -> bool:
    """Whether an identifier has the form of an employee's, as their card tells it (EP-14)."""
    return _EMPLOYEE.fullmatch(identifier) is not None


def is_active(db: Session, identifier: str) -> bool:
    """Whether somebody may act today as far as the directory tells.

    Employees and accountants do not stand in it: their delegator answers for them.
    """
    return not is_professional(identifier) or bool(entries_of(db, identifier))
