"""Test identities, as the sandbox of Pro Santé Connect makes them (EC-31); in simulations alone.

They go through the chain that everybody goes through, in one step, so that directory, card and
claims agree with each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from idp.directory.contacts import declare_contact
from idp.directory.exercices import key_of
from idp.provider import Provider
from idp.registration.ans import carry_activity, publish_activity, put_on_card
from idp.registration.cpam import record_activity
from idp.registration.details import Registrant
from idp.registration.invention import invented_email, invented_mobile
from idp.registration.order import declare_activity, register_test_identity
from idp.store.models import PracticeActivity
from idp.store.registration import change_activity, lock_directory, practice_of_person


class SimulationOnly(Exception):
    """Nobody is invented in a real database (decision 1)."""


@dataclass(frozen=True)
class TestIdentity:
    """What is to be made; every code is the directory's."""

    # It is no test, whatever its name says to pytest.
    __test__ = False

    registrant: Registrant
    activities: Sequence[Mapping[str, str]]
    """Members of the claims, each."""
    mobile: str | None
    """Made of the identifier where it is None; empty for none."""
    email: str | None
    """As `mobile`."""
    has_card: bool
    """Whether a card is ordered along."""
    national_id: str | None = None
    """One that is to be theirs, canonical; else `ANS` and the time."""


def make_test_identity(
    provider: Provider, db: Session, wanted: TestIdentity, *, actor: str | None = None
) -> str:
    """Make somebody who can be signed in as; gives the identifier (EC-31).

    Raises:
        IdentifierTaken: the identifier wanted is not free.
        SimulationOnly: the database is real.
        DetailsInvalid: a member has not the form of the directory; nothing is to be kept.
        ContactInvalid: the number or the address is none; nothing is to be kept.
        StepRefused: two activities are the same; nothing is to be kept.
    """
    check_simulation(provider)
    national_id = register_test_identity(
        provider, db, wanted.registrant, national_id=wanted.national_id, actor=actor
    )
    profession = key_of(wanted.registrant.exercice())
    for details in wanted.activities:
        if wanted.has_card:
            add_carried_activity(
                provider, db, national_id, profession=profession, details=details, actor=actor
            )
        else:
            declared = _recorded(
                provider, db, national_id, profession=profession, details=details, actor=actor
            )
            publish_activity(provider, db, declared.activity_id)
    mobile = invented_mobile(national_id) if wanted.mobile is None else wanted.mobile
    email = invented_email(national_id) if wanted.email is None else wanted.email
    declare_contact(provider, db, national_id, mobile, email)
    return national_id


def add_carried_activity(
    provider: Provider,
    db: Session,
    national_id: str,
    *,
    profession: str,
    details: Mapping[str, str],
    actor: str | None = None,
) -> PracticeActivity:
    """Take an activity through Order, CPAM and ANS at once (CP-01 to CP-03).

    Raises:
        SimulationOnly: the database is real.
        DetailsInvalid, StepRefused: as the steps.
    """
    check_simulation(provider)
    declared = _recorded(
        provider, db, national_id, profession=profession, details=details, actor=actor
    )
    return carry_activity(provider, db, declared.activity_id, actor=actor).activity


def order_card_of(
    provider: Provider, db: Session, national_id: str, *, actor: str | None = None
) -> list[str]:
    """Order cards for published activities that stand on none; gives their numbers (CP-09).

    Raises:
        SimulationOnly: the database is real.
    """
    check_simulation(provider)
    lock_directory(db)
    numbers = []
    for activity in practice_of_person(db, national_id):
        if activity.state == "carried" and activity.card_number is None:
            card, _is_new = put_on_card(provider, db, activity, actor)
            change_activity(
                db, activity.activity_id, states={"carried"}, card_number=card.card_number
            )
            numbers.append(card.card_number)
    return list(dict.fromkeys(numbers))


def check_simulation(provider: Provider) -> None:
    """Raises SimulationOnly in a real database (decision 1)."""
    if not provider.is_simulation:
        raise SimulationOnly("this is for simulation databases only (decision 1)")


def _recorded(
    provider: Provider,
    db: Session,
    national_id: str,
    *,
    profession: str,
    details: Mapping[str, str],
    actor: str | None,
) -> PracticeActivity:
    declared = declare_activity(
        provider, db, national_id, profession=profession, details=details, actor=actor
    )
    return record_activity(provider, db, declared.activity_id, actor=actor).activity
