"""Moving a card through its life: the one door to the table of `idp/cards/states.py`."""

from typing import Any, NoReturn

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.states import TRANSITIONS, CardAct
from idp.provider import Provider
from idp.store.cards import find_card, move_card
from idp.store.models import Card


class TransitionRefused(Exception):
    """The card does not stand where this act may come; it was recorded, nothing was changed."""

    def __init__(self, act: CardAct, state: str) -> None:
        super().__init__(f"a card in state {state} cannot take the act {act}")
        self.act = act
        self.state = state
        """Where the card stands; `unknown` when there is none."""


def move(
    provider: Provider,
    db: Session,
    card_number: str,
    act: CardAct,
    *,
    actor: str | None = None,
    told: dict[str, Any] | None = None,
    **values: Any,
) -> Card:
    """Let an act happen to a card, and record it; of simultaneous acts one alone happens.

    Args:
        provider: of the card.
        db: an open writing session. A refusal is recorded in it: commit it.
        card_number: which card.
        act: what happens.
        actor: who lets it happen, where it is not the holder.
        told: further facts for the journal.
        values: columns of the card that change along.

    Raises:
        TransitionRefused: the table has no such transition from where the card stands.
    """
    now = provider.clock.now()
    transition = TRANSITIONS[act]
    card = move_card(
        db, card_number, sources=transition.sources, now=now, state=transition.target, **values
    )
    if card is None:
        refuse(provider, db, card_number, act, actor=actor)
    record(
        db,
        Event.CARD_MOVED,
        now=now,
        person=card.national_id,
        actor=actor,
        card_number=card_number,
        act=act,
        state=card.state,
        **(told or {}),
    )
    return card


def refuse(
    provider: Provider, db: Session, card_number: str, act: CardAct, *, actor: str | None = None
) -> NoReturn:
    """Record that an act may not come where the card stands, and say so: commit it.

    Raises:
        TransitionRefused: always.
    """
    found = find_card(db, card_number)
    refused = TransitionRefused(act, found.state if found else "unknown")
    record(
        db,
        Event.CARD_TRANSITION_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=found.national_id if found else None,
        actor=actor,
        card_number=card_number,
        act=act,
        state=refused.state,
    )
    raise refused
