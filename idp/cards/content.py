"""What the chip holds beside its keys: holder, activities, dates, version (docs/cards.md 3)."""

from typing import Any

from sqlalchemy.orm import Session

from idp.cards.authority import Authority
from idp.cards.names import CardSubject, profession_title
from idp.devices.errors import numeric_date
from idp.directory.activities import activities_of
from idp.directory.exercices import Exercice, key_of
from idp.directory.people import Person, find_person
from idp.provider import Provider
from idp.store.cards import practice_of
from idp.store.models import Card, PracticeActivity

TYPE = "ecps-card-content+jws"
_QUALIFIED = "CPS"
"""Of the families, the one whose holder has a specialty: a student's is none yet."""


def subject_of(card: Card, person: Person | None) -> CardSubject:
    """Whom a card names: under the names of the exercise it hangs on, where it hangs on one."""
    structure, separator, _register = card.national_id.partition("/")
    exercice = _exercice_of(card, person)
    named = person if card.is_nominative else None
    return CardSubject(
        national_id=card.national_id,
        family_name=(exercice.get("nomDexercice") or named.family_name) if named else "",
        given_name=(exercice.get("prenomDexercice") or named.given_name) if named else "",
        profession_title=profession_title(card.profession),
        structure=structure if separator else "",
        structure_name=_structure_name(person),
    )


def holder_of(subject: CardSubject) -> str:
    """The holder as a card says it; empty for a service card that names nobody."""
    return f"{subject.given_name} {subject.family_name}".strip()


def sign_content(provider: Provider, db: Session, authority: Authority, card: Card) -> str:
    """The content of a card as it should be now, signed by the authority of the cards."""
    person = find_person(db, card.national_id)
    subject = subject_of(card, person)
    exercice = _exercice_of(card, person)
    payload = {
        "v": 1,
        "iss": provider.settings.issuer,
        "iat": provider.clock.timestamp(),
        "card_number": card.card_number,
        "family": card.family,
        "version": card.version,
        "content_version": card.content_version,
        "holder": {
            "national_id": card.national_id,
            "family_name": subject.family_name,
            "given_name": subject.given_name,
            "profession": card.profession,
            "profession_title": subject.profession_title,
            "category": exercice.get("codeCategorieProfessionnelle", ""),
            "specialty": exercice.get("codeSavoirFaire", "") if card.family == _QUALIFIED else "",
        },
        "activities": _activities(db, card, person),
        "starts_at": numeric_date(card.starts_at) if card.starts_at else None,
        "ends_at": numeric_date(card.ends_at) if card.ends_at else None,
    }
    return authority.sign_jws(TYPE, payload)


def _activities(db: Session, card: Card, person: Person | None) -> list[dict[str, Any]]:
    """Those that the card carries, in its order, each with what it bills under (CSS R161-53)."""
    published = activities_of(card.national_id, person.exercices if person else ())
    details = {each.activity_id: dict(each.activity) for each in published}
    billing: dict[str, PracticeActivity] = {}
    for row in practice_of(db, card.activities):
        billing[row.activity_id] = row
        details.setdefault(row.activity_id, row.details)
    return [
        {
            "activity_id": activity_id,
            **_billing_of(billing.get(activity_id)),
            "details": {name: value for name, value in details[activity_id].items() if value},
        }
        for activity_id in card.activities
        if activity_id in details
    ]


def _billing_of(row: PracticeActivity | None) -> dict[str, str | None]:
    """What the CPAM recorded; nothing of what it does not know, or bills nothing of its own."""
    return {
        "billing_number": row.billing_number if row else None,
        "convention": row.convention if row else None,
        "tariff_zone": row.tariff_zone if row else None,
    }


def _exercice_of(card: Card, person: Person | None) -> Exercice:
    exercices = person.exercices if person else []
    return next((e for e in exercices if key_of(e) == card.profession), {})


def _structure_name(person: Person | None) -> str:
    names = (
        activity["raisonSocialeSite"]
        for exercice in (person.exercices if person else ())
        for activity in exercice["activities"]
    )
    return next((name for name in names if name), "")
