"""The card that takes over from another one: a renewal or a replacement (CP-11, CP-13)."""

from sqlalchemy.orm import Session

from idp.cards.ordering import order_card
from idp.provider import Provider
from idp.store.card_life import hand_over_activities
from idp.store.models import Card


def order_successor(
    provider: Provider, db: Session, card: Card, *, actor: str | None = None
) -> Card:
    """Order the card that carries on what this one carries, once its holder activates it.

    Args:
        provider: of the cards.
        db: an open writing session that has locked the directory: what is put on this card at
            the same moment must find the other one.
        card: read since.
        actor: who ordered it.

    Raises:
        AlreadyRenewed: that was done before; of simultaneous orders one counts.
    """
    successor = order_card(
        provider,
        db,
        national_id=card.national_id,
        family=card.family,
        profession=card.profession,
        activities=card.activities,
        rank=card.rank,
        is_nominative=card.is_nominative,
        renews=card.card_number,
        actor=actor,
    )
    hand_over_activities(db, card.card_number, successor.card_number)
    return successor
