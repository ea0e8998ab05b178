"""Opposition: from one moment to the next a card opens nothing any more (CP-13, decision 32)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.ordering import AlreadyRenewed
from idp.cards.register import move
from idp.cards.states import CardAct, CardState
from idp.cards.succession import order_successor
from idp.cards.uses import CARD_OPPOSED, end_uses, revoke
from idp.devices.lifecycle import suspend_device
from idp.devices.notices import tell_contacts
from idp.directory.people import find_person
from idp.provider import Provider
from idp.security_keys.lifecycle import suspend_keys_of_card
from idp.store.card_life import drop_approvals, phones_paired_since
from idp.store.cards import find_card
from idp.store.models import Card
from idp.store.registration import lock_directory


class OppositionReason(StrEnum):
    """Why a card is opposed (domain 5)."""

    PERTE = "perte"
    VOL = "vol"
    DYSFONCTIONNEMENT = "dysfonctionnement"
    RADIATION = "radiation"
    DECES = "deces"
    CESSATION = "cessation"


DECLARED = frozenset(
    {OppositionReason.PERTE, OppositionReason.VOL, OppositionReason.DYSFONCTIONNEMENT}
)
"""What holders declare to the ANS or their CPAM; the others follow from who they are."""


class ReplacementRefused(Exception):
    """No card is to be had in place of this one; it was recorded."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no replacement: {reason.replace('_', ' ')}")
        self.reason = reason
        """`not_opposed`, `ordered_already` or `holder_closed`."""


def oppose(
    provider: Provider,
    db: Session,
    card_number: str,
    *,
    reason: str,
    lost_since: datetime | None = None,
    actor: str | None = None,
) -> Card:
    """Oppose a card: for good, at once, with all that lives by it.

    Both certificates are revoked, sign-ins and pairings under way dropped, the sessions opened
    with it ended with their tokens. Phones that it paired and security keys that it vouched for
    since it was lost are suspended. The registered contacts are told.

    Args:
        provider: of the card.
        db: an open writing session. A refusal is recorded in it: commit it.
        card_number: which card.
        reason: one of `OppositionReason`.
        lost_since: since when the holder says it was out of their hands; now, when not said.
        actor: who opposes it, where it is not the holder.

    Raises:
        ValueError: there is no such reason.
        TransitionRefused: the card is over already, or there is none.
    """
    why, now = OppositionReason(reason), provider.clock.now()
    # Before the card: whoever finishes a sign-in takes the approval first, and the card after.
    drop_approvals(db, card_number)
    card = move(
        provider,
        db,
        card_number,
        CardAct.OPPOSE,
        actor=actor,
        told={"reason": why},
        opposed_at=now,
        opposition_reason=why,
        lost_since=lost_since,
    )
    revoke(provider, db, card)
    end_uses(provider, db, card, reason=CARD_OPPOSED)
    for phone in phones_paired_since(db, card_number, lost_since or now):
        suspend_device(provider, db, phone, CARD_OPPOSED)
    since = lost_since or now
    suspend_keys_of_card(provider, db, card.national_id, card_number, since=since)
    tell_contacts(provider, db, card.national_id, CARD_OPPOSED, card=card_number)
    return card


def order_replacement(
    provider: Provider, db: Session, card_number: str, *, actor: str | None = None
) -> Card:
    """Order a card in place of one that its holder lost or that fails, on request (CP-13).

    Raises:
        ReplacementRefused: the card was not opposed by its holder, is being replaced already, or
            its holder may have none. Recorded in the open session: commit it.
    """
    lock_directory(db)
    card = find_card(db, card_number)
    if card is None or card.state != CardState.OPPOSEE or card.opposition_reason not in DECLARED:
        raise _refuse(provider, db, card_number, card, "not_opposed")
    person = find_person(db, card.national_id)
    if person is None or person.closed:
        raise _refuse(provider, db, card_number, card, "holder_closed")
    try:
        return order_successor(provider, db, card, actor=actor)
    except AlreadyRenewed:
        raise _refuse(provider, db, card_number, card, "ordered_already") from None


def _refuse(
    provider: Provider, db: Session, card_number: str, card: Card | None, reason: str
) -> ReplacementRefused:
    record(
        db,
        Event.CARD_TRANSITION_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=card.national_id if card else None,
        card_number=card_number,
        act="order-replacement",
        state=card.state if card else "unknown",
        reason=reason,
    )
    return ReplacementRefused(reason)
