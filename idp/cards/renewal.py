"""What time does to cards: they arrive, are renewed a month before their end, and end (CP-10, 11).

Each function runs to the end in batches, a transaction each. Several processes may run them at
once and again: each card is looked at by one of them, and a renewal can be ordered once only.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from idp.cards.ordering import AlreadyRenewed
from idp.cards.register import TransitionRefused, move
from idp.cards.states import TRANSITIONS, CardAct, CardState
from idp.cards.succession import order_successor
from idp.cards.uses import CARD_ENDED, end_uses, revoke
from idp.devices.notices import tell_contacts
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.card_life import (
    cards_past_their_end,
    cards_posted_before,
    cards_to_renew,
    drop_approvals,
)
from idp.store.cards import find_card
from idp.store.models import Card
from idp.store.registration import lock_directory

_RENEWED = (CardState.ACTIVE, CardState.BLOQUEE)


def deliver_cards(provider: Provider) -> int:
    """Let cards arrive that were in the post for ``card_postal_delay``; gives their number."""
    before = provider.clock.now() - provider.settings.card_postal_delay
    limit = provider.settings.card_batch

    def batch(db: Session) -> list[Card]:
        posted = cards_posted_before(
            db, states=_sources(CardAct.RECEIVE), before=before, limit=limit
        )
        for card in posted:
            move(provider, db, card.card_number, CardAct.RECEIVE)
        return posted

    return _repeat(provider, batch, limit)


def renew_due(provider: Provider) -> int:
    """Order the successors of cards in use that end within a month (CP-11); gives their number.

    A card that ended while nobody looked is renewed as well. Nobody who may no longer sign in
    gets a new card. The registered contacts are told.
    """
    now, limit = provider.clock.now(), provider.settings.card_batch
    ends_by = now + provider.settings.card_renewal_lead
    ordered, after = 0, ""
    while True:
        with provider.store.begin() as db:
            lock_directory(db)
            due = cards_to_renew(db, states=_RENEWED, ends_by=ends_by, after=after, limit=limit)
            ordered += sum(_renew(provider, db, card) for card in due)
        if len(due) < limit:
            return ordered
        after = due[-1].card_number


def expire_cards(provider: Provider) -> int:
    """End the cards whose validity is over, and the sessions that they opened (CP-10)."""
    now, limit = provider.clock.now(), provider.settings.card_batch

    def batch(db: Session) -> list[Card]:
        over = cards_past_their_end(db, states=_sources(CardAct.EXPIRE), now=now, limit=limit)
        for card in over:
            ended = move(provider, db, card.card_number, CardAct.EXPIRE)
            end_uses(provider, db, ended, reason=CARD_ENDED)
        return over

    return _repeat(provider, batch, limit)


def take_over(provider: Provider, db: Session, card: Card) -> None:
    """A card was activated: those it was ordered to take over from are of no more use.

    Their certificates are revoked as superseded, and the sessions they opened end, as those of a
    phone that is replaced do (decision 16). One that was opposed or has expired stays so.
    """
    number = card.renews
    while number is not None and (old := find_card(db, number)) is not None:
        if old.state in TRANSITIONS[CardAct.REPLACE].sources:
            _replace(provider, db, old.card_number)
        number = old.renews


def _replace(provider: Provider, db: Session, card_number: str) -> None:
    # Before the card: whoever finishes a sign-in takes the approval first, and the card after.
    drop_approvals(db, card_number)
    try:
        replaced = move(provider, db, card_number, CardAct.REPLACE)
    except TransitionRefused:
        return  # it was opposed at this very moment, which is final
    revoke(provider, db, replaced)
    end_uses(provider, db, replaced, reason=CARD_ENDED)


def _renew(provider: Provider, db: Session, card: Card) -> bool:
    person = find_person(db, card.national_id)
    if person is None or person.closed or card.ends_at is None:
        return False
    try:
        order_successor(provider, db, card)
    except AlreadyRenewed:
        return False
    tell_contacts(
        provider,
        db,
        card.national_id,
        "card-renewed",
        card=card.card_number,
        date=f"{card.ends_at:%d/%m/%Y}",
    )
    return True


def _sources(act: CardAct) -> list[CardState]:
    return sorted(TRANSITIONS[act].sources)


def _repeat(provider: Provider, batch: Callable[[Session], list[Card]], limit: int) -> int:
    total = 0
    while True:
        with provider.store.begin() as db:
            done = len(batch(db))
        total += done
        if done < limit:
            return total
