"""Step 3, the ANS: the activity enters the directory and the card (CP-03, CP-09, CP-12)."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.ordering import AlreadyRenewed, family_of, order_card
from idp.cards.states import FINAL
from idp.cards.succession import order_successor
from idp.directory.people import find_person
from idp.directory.practice import holds, with_activity, with_details, without_activity
from idp.provider import Provider
from idp.registration.steps import Reason, Step, refuse
from idp.store.cards import cards_of_person, change_content, find_card
from idp.store.models import Card, PracticeActivity
from idp.store.registration import (
    change_activity,
    find_activity,
    lock_generation,
    read_exercices,
    write_exercices,
)


@dataclass(frozen=True)
class Carried:
    """An activity in the directory and on a card."""

    activity: PracticeActivity
    card: Card
    is_new_card: bool
    """It was ordered for this activity; else one that was there is updated."""


def carry_activity(
    provider: Provider, db: Session, activity_id: str, *, actor: str | None = None
) -> Carried:
    """Put a recorded activity into the directory and on a card of its exercise.

    The first activity orders a card. A further one is added to the card that has room, the ninth
    orders another (CP-09); two professions are two cards.

    Args:
        provider: of the directory and the cards.
        db: an open writing session. A refusal is recorded in it: commit it.
        activity_id: as the Order named it.
        actor: who lets it be carried.

    Raises:
        StepRefused: not recorded by the CPAM, carried already, or its practitioner is not, or no
            more, registered.
    """
    carried = publish_activity(provider, db, activity_id)
    card, is_new = put_on_card(provider, db, carried, actor)
    change_activity(db, activity_id, states={"carried"}, card_number=card.card_number)
    record(
        db,
        Event.ACTIVITY_CARRIED,
        now=provider.clock.now(),
        person=carried.national_id,
        actor=actor,
        activity_id=activity_id,
        card_number=card.card_number,
    )
    return Carried(carried, card, is_new)


def publish_activity(provider: Provider, db: Session, activity_id: str) -> PracticeActivity:
    """Put a recorded activity into the directory, and on no card: all that a test identity needs.

    Raises:
        StepRefused: as with `carry_activity`.
    """
    now = provider.clock.now()
    generation = lock_generation(db, now)
    activity = find_activity(db, activity_id)
    if activity is None or activity.state == "ended":
        raise refuse(provider, db, Step.CARRY, Reason.NOT_DECLARED, activity_id=activity_id)
    if (reason := _against(db, activity)) is not None:
        raise refuse(provider, db, Step.CARRY, reason, person=activity.national_id)
    carried = change_activity(db, activity_id, states={"recorded"}, state="carried", carried_at=now)
    if carried is None:
        raise refuse(provider, db, Step.CARRY, Reason.NOT_RECORDED, person=activity.national_id)
    _enter_in_directory(db, generation, carried)
    return carried


def withdraw_activity(provider: Provider, db: Session, activity: PracticeActivity) -> None:
    """Take an activity that ended out of the directory and off the cards in use (CP-12)."""
    generation = lock_generation(db, provider.clock.now())
    exercices = read_exercices(db, generation, activity.national_id)
    if exercices is not None and holds(activity.national_id, exercices, activity.activity_id):
        left = without_activity(activity.national_id, exercices, activity.activity_id)
        write_exercices(db, generation, activity.national_id, left)
    for card in live_cards_with(db, activity):
        rewrite_content(
            provider, db, card, lambda held: [a for a in held if a != activity.activity_id]
        )


def follow_move(provider: Provider, db: Session, activity: PracticeActivity) -> None:
    """Bring new details of a carried activity into the directory and on the cards (CP-12)."""
    generation = lock_generation(db, provider.clock.now())
    exercices = read_exercices(db, generation, activity.national_id)
    if exercices is not None:
        moved = with_details(
            activity.national_id, exercices, activity.activity_id, activity.details
        )
        write_exercices(db, generation, activity.national_id, moved)
    for card in live_cards_with(db, activity):
        rewrite_content(provider, db, card, list)


def _against(db: Session, activity: PracticeActivity) -> Reason | None:
    person = find_person(db, activity.national_id)
    if person is None:
        return Reason.NOT_REGISTERED
    if person.closed:
        return Reason.STRUCK_OFF
    return Reason.ALREADY_CARRIED if activity.state == "carried" else None


def _enter_in_directory(db: Session, generation: int, activity: PracticeActivity) -> None:
    exercices = read_exercices(db, generation, activity.national_id)
    if exercices is None or holds(activity.national_id, exercices, activity.activity_id):
        return
    more = with_activity(exercices, activity.profession, activity.details)
    write_exercices(db, generation, activity.national_id, more)


def put_on_card(
    provider: Provider, db: Session, activity: PracticeActivity, actor: str | None
) -> tuple[Card, bool]:
    """A card of its exercise with this activity, and whether it was ordered for it (CP-09)."""
    ranks = _ranks(db, activity)
    for cards in ranks.values():
        # While a renewal is on its way two cards hold the same, and both get the activity.
        written = [_add(provider, db, card, activity) for card in cards if card.state not in FINAL]
        if held := [card for card in written if card is not None]:
            return held[0], False
    for cards in ranks.values():
        successor = _replace_ended(provider, db, cards, actor)
        if successor is not None:
            return _add(provider, db, successor, activity) or successor, True
    card = order_card(
        provider,
        db,
        national_id=activity.national_id,
        family=family_of(activity.profession),
        profession=activity.profession,
        activities=[activity.activity_id],
        rank=max(ranks, default=0) + 1,
        actor=actor,
    )
    return card, True


def _replace_ended(
    provider: Provider, db: Session, cards: list[Card], actor: str | None
) -> Card | None:
    """The successor of a card that ended without one, where that had room for an activity."""
    if any(card.state not in FINAL for card in cards):
        return None
    renewed = {card.renews for card in cards}
    last = next(card for card in cards if card.card_number not in renewed)
    if len(last.activities) >= provider.settings.card_max_activities:
        return None
    try:
        return order_successor(provider, db, last, actor=actor)
    except AlreadyRenewed as error:
        return error.successor


def _add(provider: Provider, db: Session, card: Card, activity: PracticeActivity) -> Card | None:
    """The card with one more activity; None where it has no room, or ended meanwhile."""
    if len(card.activities) >= provider.settings.card_max_activities:
        return None
    added = activity.activity_id
    return rewrite_content(
        provider, db, card, lambda held: [*(a for a in held if a != added), added]
    )


def _ranks(db: Session, activity: PracticeActivity) -> dict[int, list[Card]]:
    cards = [
        card
        for card in cards_of_person(db, activity.national_id)
        if card.profession == activity.profession
    ]
    return {
        rank: [card for card in cards if card.rank == rank]
        for rank in sorted({card.rank for card in cards})
    }


def live_cards_with(db: Session, activity: PracticeActivity) -> list[Card]:
    """The cards that carry an activity and have not ended."""
    return [
        card
        for card in cards_of_person(db, activity.national_id)
        if activity.activity_id in card.activities and card.state not in FINAL
    ]


def rewrite_content(
    provider: Provider, db: Session, card: Card, change: Callable[[list[str]], list[str]]
) -> Card | None:
    """Change what the chip must hold; None when the card ended meanwhile."""
    found: Card | None = card
    while found is not None and found.state not in FINAL:
        written = change_content(
            db,
            found.card_number,
            activities=change(found.activities),
            version=found.content_version,
            unless=FINAL,
        )
        if written is not None:
            record(
                db,
                Event.CARD_UPDATED,
                now=provider.clock.now(),
                person=written.national_id,
                card_number=written.card_number,
                version=written.content_version,
                activities=len(written.activities),
            )
            return written
        found = find_card(db, card.card_number)
    return None
