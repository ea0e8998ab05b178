"""Steps of the chain, taken as one step after the other or each alone."""

from typing import Any

from sqlalchemy import select

from idp.directory.people import Person, find_person
from idp.provider import Provider
from idp.registration.ans import Carried, carry_activity
from idp.registration.cpam import Recorded, record_activity
from idp.registration.details import Registrant
from idp.registration.order import declare_activity, end_activity, register
from idp.registration.steps import take
from idp.registration.terms import Terms
from idp.store.cards import cards_of_person, find_card
from idp.store.models import Card, JournalEvent, PracticeActivity
from idp.store.people import write_correction

MARGELLE = "899700990015"
DOCTOR = "10C"
WHO = {
    "family_name": "ÉPROUVETTE",
    "given_name": "Ada",
    "civilite": "MME",
    "birth_date": "12/04/1990",
    "profession": "10",
    "category": "C",
    "title": "DR",
    "savoir_faire_type": "S",
    "savoir_faire": "SM54",
}
PRACTICE = {
    "codeModeExercice": "L",
    "codeSecteurDactivite": "SA07",
    "codeRole": "FON-01",
    "codeGenreActivite": "GENR01",
    "codeDepartement": "99",
    "raisonSocialeSite": "CABINET D'ESSAI",
    "codePostal": "99001",
}


def registrant(**changes: str) -> Registrant:
    return Registrant(**(WHO | changes))


def registered(provider: Provider, **changes: str) -> str:
    return take(provider, lambda db: register(provider, db, registrant(**changes)))


def declared(
    provider: Provider, national_id: str, profession: str = DOCTOR, **changes: str
) -> PracticeActivity:
    details = PRACTICE | changes
    return take(
        provider,
        lambda db: declare_activity(
            provider, db, national_id, profession=profession, details=details
        ),
    )


def recorded(provider: Provider, activity_id: str) -> Recorded:
    return recorded_under(provider, activity_id, Terms())


def recorded_under(provider: Provider, activity_id: str, terms: Terms) -> Recorded:
    return take(provider, lambda db: record_activity(provider, db, activity_id, terms=terms))


def carried(provider: Provider, activity_id: str) -> Carried:
    return take(provider, lambda db: carry_activity(provider, db, activity_id))


def ended(provider: Provider, activity_id: str) -> PracticeActivity:
    return take(provider, lambda db: end_activity(provider, db, activity_id))


def practise(
    provider: Provider, national_id: str, profession: str = DOCTOR, **changes: str
) -> Carried:
    """A new activity through the whole chain."""
    activity = declared(provider, national_id, profession, **changes)
    recorded(provider, activity.activity_id)
    return carried(provider, activity.activity_id)


def strike_off(provider: Provider, national_id: str) -> None:
    with provider.store.begin() as db:
        write_correction(
            db,
            national_id=national_id,
            struck_off=True,
            civil_identity=None,
            now=provider.clock.now(),
        )


def person_of(provider: Provider, national_id: str) -> Person:
    with provider.store.read() as db:
        person = find_person(db, national_id)
    assert person is not None
    return person


def places_of(provider: Provider, national_id: str) -> list[str]:
    return [
        activity["raisonSocialeSite"]
        for exercice in person_of(provider, national_id).exercices
        for activity in exercice["activities"]
    ]


def cards_of(provider: Provider, national_id: str) -> list[Card]:
    with provider.store.read() as db:
        return sorted(cards_of_person(db, national_id), key=lambda card: card.rank)


def card_of(provider: Provider, card_number: str) -> Card:
    with provider.store.read() as db:
        card = find_card(db, card_number)
    assert card is not None
    return card


def told(provider: Provider, event: str) -> list[dict[str, Any]]:
    """What the journal holds beside each event of that name."""
    with provider.store.read() as db:
        rows = db.scalars(
            select(JournalEvent).where(JournalEvent.event == event).order_by(JournalEvent.seq)
        )
        return [row.data for row in rows]
