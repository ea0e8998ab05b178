"""The cards of the sample people, and what the CPAM recorded of their activities.

They have neither keys nor certificates: no card file was made for them.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from idp.directory.activities import activity_id_of
from idp.directory.exercices import key_of
from idp.directory.identifiers import parse_national_id
from idp.directory.tariffs import CONVENTION, tariff_zone
from idp.settings import Settings
from idp.store.models import Card, PracticeActivity

_LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


def cards_of_sample(
    professionals: Iterable[dict[str, Any]], settings: Settings, now: datetime
) -> list[Card]:
    """A row a card; what is in the post or being made is so since ``now``."""
    return [
        card
        for professional in professionals
        for card in _with_places(
            [_card(professional, written, settings, now) for written in professional["cartes"]]
        )
    ]


def practice_of_sample(
    professionals: Iterable[dict[str, Any]], cards: Iterable[Card], now: datetime
) -> list[PracticeActivity]:
    """Every activity with its billing number, carried by the card that was ordered last for it."""
    card_of = {
        activity_id: card.card_number
        for card in sorted(cards, key=lambda card: card.ordered_at)
        for activity_id in card.activities
    }
    return [
        PracticeActivity(
            activity_id=activity_id,
            national_id=professional["identificationNationalePP"],
            profession=key_of(exercice),
            state="carried",
            details={name: value for name, value in activity.items() if _is_published(name, value)},
            department=activity["codeDepartement"],
            billing_number=activity["x_numeroAssuranceMaladie"],
            convention=CONVENTION if activity["x_numeroAssuranceMaladie"] else None,
            tariff_zone=(
                tariff_zone(activity["codeDepartement"])
                if activity["x_numeroAssuranceMaladie"]
                else None
            ),
            card_number=card_of.get(activity_id),
            declared_at=now,
            recorded_at=now,
            carried_at=now,
            ended_at=None,
            held_by_directory=True,
        )
        for professional in professionals
        for exercice in professional["exercices"]
        for activity_id, activity in zip(
            _activity_ids(professional, exercice), exercice["activities"], strict=True
        )
    ]


def _card(
    professional: dict[str, Any], written: dict[str, Any], settings: Settings, now: datetime
) -> Card:
    exercice = _exercice(professional, written)
    starts_at = datetime.combine(
        date.fromisoformat(written["dateDebutValidite"]), time(0, tzinfo=UTC)
    )
    ends_at = datetime.combine(date.fromisoformat(written["dateFinValidite"]), _LAST_SECOND)
    opposed_at = written["dateOpposition"] and datetime.fromisoformat(written["dateOpposition"])
    ended_at = opposed_at or (ends_at if written["statut"] == "expiree" else None)
    ids = _activity_ids(professional, exercice)
    return Card(
        card_number=written["numeroCarte"],
        family=written["typeCarte"],
        version=written["version"],
        national_id=parse_national_id(professional["identificationNationalePP"]),
        is_nominative=True,
        profession=key_of(exercice),
        rank=1,
        state=written["statut"],
        state_at=ended_at or now,
        ordered_at=starts_at,
        starts_at=starts_at,
        ends_at=ends_at,
        activated_at=starts_at if written["statut"] in {"active", "bloquee"} else None,
        opposed_at=opposed_at,
        opposition_reason=written["motifOpposition"],
        lost_since=None,
        renews=None,
        activities=[ids[place] for place in written["activites"]],
        content_version=1,
        tries_left=written["essaisCodePorteurRestants"],
        unblock_tries_left=settings.card_unblock_tries,
        presentation_hash=None,
        card_jwk=None,
        share_sealed=None,
    )


def _with_places(cards: list[Card]) -> list[Card]:
    """Ranks and successions, which the sample leaves to its reader.

    A card with the same activities as an earlier one takes over from it; another card of the same
    exercise is a further one (CP-09).
    """
    for place, card in enumerate(cards):
        same = [other for other in cards[:place] if other.profession == card.profession]
        replaced = next((other for other in same if other.activities == card.activities), None)
        if replaced is None:
            card.rank = 1 + max((other.rank for other in same), default=0)
        else:
            card.rank, card.renews = replaced.rank, replaced.card_number
    return cards


def _exercice(professional: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    exercices: list[dict[str, Any]] = professional["exercices"]
    return exercices[written["exerciceIndex"]] if exercices else {}


def _activity_ids(professional: dict[str, Any], exercice: dict[str, Any]) -> list[str]:
    national_id = professional["identificationNationalePP"]
    return [
        activity_id_of(national_id, key_of(exercice), activity)
        for activity in exercice.get("activities", ())
    ]


def _is_published(name: str, value: str) -> bool:
    return bool(value) and not name.startswith("x_")
