"""What lives by a card, and ends with it: certificates, pairings, sessions."""

from sqlalchemy.orm import Session

from idp.cards.revocation import revocation_reason
from idp.provider import Provider
from idp.sessions import end_sessions_of_card
from idp.store.card_life import end_pairings
from idp.store.cards import revoke_certificates
from idp.store.models import Card

CARD_OPPOSED = "card-opposed"
CARD_ENDED = "card-ended"
"""Why a pairing or a session ended: this one says that the card expired or was replaced."""


def revoke(provider: Provider, db: Session, card: Card) -> None:
    """Revoke both certificates of an opposed or replaced card, on the list at once."""
    revoke_certificates(
        db, card.card_number, reason=revocation_reason(card), now=provider.clock.now()
    )


def end_uses(provider: Provider, db: Session, card: Card, *, reason: str) -> None:
    """End the pairings and sessions that a card opened, with their tokens (decision 32).

    ``reason`` is `card-opposed` or `card-ended`. The card has changed before: whoever pairs or
    signs in with it takes it first as well, and either sees the other's work.
    """
    end_pairings(db, card.card_number, reason=reason)
    end_sessions_of_card(provider, db, card.card_number, reason=reason)
