"""The cards of a person follow the directory, when an import changed their activities (CP-12)."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from idp.directory.activities import PersonalActivity, activities_of
from idp.directory.exercices import Exercice
from idp.provider import Provider
from idp.registration.ans import live_cards_with, put_on_card, rewrite_content
from idp.store.models import Card, PracticeActivity
from idp.store.registration import change_activity, declare_activity_row, practice_of_person

_UNDER_WAY = ("declared", "recorded", "carried")


def follow_activities(
    provider: Provider, db: Session, cards: Sequence[Card], exercices: Sequence[Exercice]
) -> int:
    """Bring the cards of one holder in line with the directory; gives how many activities changed.

    What ended leaves the cards; what moved is written anew; what is new goes on a card with room,
    the ninth on another one (CP-09). What the Order or the CPAM has in hand is left to them
    (CP-04), and so is what a card carried that was lost: its replacement is for the holder to ask.

    Args:
        provider: of the cards.
        db: an open writing session.
        cards: the holder's that have not ended, one at least.
        exercices: of the holder in the directory in force.
    """
    national_id = cards[0].national_id
    professions = {card.profession for card in cards}
    published = {
        one.activity_id: one
        for one in activities_of(national_id, exercices)
        if one.profession in professions
    }
    known = {row.activity_id: row for row in practice_of_person(db, national_id)}
    ended = _take_off(provider, db, cards, published)
    moved = [
        row
        for row in known.values()
        if row.state == "carried" and _has_moved(row, published.get(row.activity_id))
    ]
    for row in moved:
        _move(provider, db, row, published[row.activity_id])
    held = {activity_id for card in cards for activity_id in card.activities}
    fresh = [
        one
        for one in published.values()
        if one.activity_id not in held and _is_new(known.get(one.activity_id))
    ]
    for one in fresh:
        _carry(provider, db, national_id, one)
    return ended + len(moved) + len(fresh)


def _take_off(
    provider: Provider,
    db: Session,
    cards: Sequence[Card],
    published: Mapping[str, PersonalActivity],
) -> int:
    """Take what the directory holds no more off the cards that carry it."""
    gone = {one for card in cards for one in card.activities if one not in published}
    for card in cards:
        if gone.intersection(card.activities):
            rewrite_content(
                provider, db, card, lambda held: [one for one in held if one not in gone]
            )
    now = provider.clock.now()
    for activity_id in sorted(gone):
        change_activity(db, activity_id, states=_UNDER_WAY, state="ended", ended_at=now)
    return len(gone)


def _has_moved(row: PracticeActivity, published: PersonalActivity | None) -> bool:
    return published is not None and row.details != _details(published)


def _move(
    provider: Provider, db: Session, row: PracticeActivity, published: PersonalActivity
) -> None:
    change_activity(db, row.activity_id, states={"carried"}, details=_details(published))
    for card in live_cards_with(db, row):
        rewrite_content(provider, db, card, list)


def _is_new(row: PracticeActivity | None) -> bool:
    return row is None or row.state == "ended"


def _carry(provider: Provider, db: Session, national_id: str, published: PersonalActivity) -> None:
    """Put an activity on a card that the national directory holds, and the chain here never saw."""
    now, details = provider.clock.now(), _details(published)
    row = declare_activity_row(
        db,
        PracticeActivity(
            activity_id=published.activity_id,
            national_id=national_id,
            profession=published.profession,
            state="declared",
            details=details,
            department=details.get("codeDepartement", ""),
            billing_number=None,
            card_number=None,
            declared_at=now,
            held_by_directory=False,
        ),
    )
    if row is None:
        return
    card, _is_ordered = put_on_card(provider, db, row, None)
    change_activity(
        db,
        row.activity_id,
        states={"declared"},
        state="carried",
        recorded_at=now,
        carried_at=now,
        held_by_directory=True,
        card_number=card.card_number,
    )


def _details(published: PersonalActivity) -> dict[str, str]:
    return {name: value for name, value in published.activity.items() if value}
