"""Thousands of people at once, for fleets of phones; in simulations alone.

They exist by the rule by which everybody does, in fewer statements: each stands on the table of
the Order under a number drawn as any other, with one activity that the Order declared, the CPAM
recorded (an employee's has no billing number: CP-15) and the ANS published (CP-01 to CP-03). So
imports of the directory leave them, and they may activate an e-CPS, be closed, and be given a
card, as others may. They have none at first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.activities import activity_id_of
from idp.directory.exercices import key_of
from idp.directory.local_entries import registered_person
from idp.directory.practice import with_activity
from idp.provider import Provider
from idp.registration.details import Registrant
from idp.registration.invention import (
    invented_email,
    invented_mobile,
    invented_practice,
    invented_registrant,
)
from idp.registration.order import free_numbers
from idp.registration.test_identity import check_simulation
from idp.store.directory_import import exercices_written
from idp.store.models import Contact, DirectoryPerson, OrderRegistration, PracticeActivity
from idp.store.registration import add_population, lock_generation


@dataclass(frozen=True)
class Inhabitant:
    """Somebody who was made, and where messages reach them."""

    national_id: str
    email: str
    mobile: str


def make_population(
    provider: Provider, db: Session, count: int, *, profession: str | None = None
) -> list[Inhabitant]:
    """Make so many people of one profession (TRE_G15), in the transaction that is open.

    Raises:
        SimulationOnly: the database is real.
        DetailsInvalid: there is no such profession.
        NumbersUsedUp: the Order has no number left; nothing is to be kept.
    """
    check_simulation(provider)
    now = provider.clock.now()
    invented_registrant(profession=profession).check(now.date())
    generation = lock_generation(db, now)
    numbers = _draw(db, generation, now, count)
    registrations = [
        _registration(national_id, invented_registrant(profession=profession), now)
        for national_id in numbers
    ]
    practice = invented_practice()
    inhabitants = [Inhabitant(one, invented_email(one), invented_mobile(one)) for one in numbers]
    add_population(
        db,
        registrations=registrations,
        activities=[_activity(one, practice, now) for one in registrations],
        people=[_in_directory(generation, one, practice) for one in registrations],
        contacts=[_contact(one, now) for one in inhabitants],
    )
    _note(db, registrations, now)
    return inhabitants


def _draw(db: Session, generation: int, now: datetime, count: int) -> list[str]:
    """Numbers never given that the directory does not hold either."""
    drawn: list[str] = []
    numbers = free_numbers(db, now)
    while len(drawn) < count:
        more = list(islice(numbers, count - len(drawn)))
        held = exercices_written(db, generation, more)
        drawn += [national_id for national_id in more if national_id not in held]
    return drawn


def _registration(national_id: str, registrant: Registrant, now: datetime) -> OrderRegistration:
    return OrderRegistration(
        national_id=national_id,
        profession=key_of(registrant.exercice()),
        entry=registrant.entry(),
        birth_date=registrant.birth_date,
        registered_at=now,
        held_by_directory=False,
    )


def _activity(
    registration: OrderRegistration, practice: dict[str, str], now: datetime
) -> PracticeActivity:
    national_id, profession = registration.national_id, registration.profession
    return PracticeActivity(
        activity_id=activity_id_of(national_id, profession, practice),
        national_id=national_id,
        profession=profession,
        state="carried",
        details=practice,
        department=practice["codeDepartement"],
        declared_at=now,
        recorded_at=now,
        carried_at=now,
        held_by_directory=False,
    )


def _in_directory(
    generation: int, registration: OrderRegistration, practice: dict[str, str]
) -> DirectoryPerson:
    person = registered_person(generation, registration)
    person.exercices = with_activity(person.exercices, registration.profession, practice)
    return person


def _contact(inhabitant: Inhabitant, now: datetime) -> Contact:
    return Contact(
        national_id=inhabitant.national_id,
        mobile=inhabitant.mobile,
        email=inhabitant.email,
        declared_at=now,
    )


def _note(db: Session, registrations: Sequence[OrderRegistration], now: datetime) -> None:
    for one in registrations:
        record(
            db,
            Event.PERSON_REGISTERED,
            now=now,
            person=one.national_id,
            profession=one.profession,
        )
