"""Whom an identifier names."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from idp.directory.people import Person, find_contact, find_person
from idp.enrolment.eligibility import Refusal, refusal_of
from idp.provider import Provider
from idp.store.models import Contact


@dataclass(frozen=True)
class Applicant:
    """A person as an activation sees them, and what stands against it."""

    person: Person | None
    contact: Contact | None
    refusal: Refusal | None


def find_applicant(provider: Provider, db: Session, national_id: str) -> Applicant:
    """Look person and contact up and judge them: the same statements, known or not."""
    person = find_person(db, national_id)
    contact = find_contact(db, national_id)
    now = provider.clock.now()
    return Applicant(
        person, contact, refusal_of(provider.settings, national_id, person, contact, now)
    )
