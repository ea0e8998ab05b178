"""From a card that was accepted to the one browser it signs in (decision 25).

The card is shown on another address than the sign-in pages, where no cookie of theirs need be. So
the listener hands back a secret, which finishes the sign-in once, in the browser that began it.
"""

import secrets

from sqlalchemy.orm import Session

from idp.cards.judge import AcceptedCard, check_card
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store import card_approvals as store
from idp.store.cards import find_card
from idp.store.models import Card, CardApproval

_SECRET_BYTES = 32


class ApprovalGone(Exception):
    """The secret was spent, lapsed, is another sign-in's, or never existed."""


def approve(provider: Provider, db: Session, accepted: AcceptedCard, interaction: bytes) -> str:
    """Let an accepted card finish one sign-in; gives the secret for its browser.

    ``interaction`` is the digest of the sign-in's handle.
    """
    completion = secrets.token_urlsafe(_SECRET_BYTES)
    now = provider.clock.now()
    store.add_approval(
        db,
        CardApproval(
            completion_hash=sha256(completion),
            interaction_hash=interaction,
            card_number=accepted.card.card_number,
            national_id=accepted.national_id,
            created_at=now,
            expires_at=now + provider.settings.card_approval_lifetime,
        ),
    )
    return completion


def take_approval(provider: Provider, db: Session, completion: str, interaction: bytes) -> Card:
    """Spend an approval, and hold its card for as long as this transaction lasts.

    The caller has checked that its browser began the sign-in.

    Raises:
        ApprovalGone: there is none to spend.
        CardRefused: the card was opposed, blocked or ended since; the approval is spent.
    """
    now = provider.clock.now()
    approval = store.take_approval(db, sha256(completion), interaction, now=now)
    if approval is None:
        raise ApprovalGone
    return hold_card(provider, db, approval.card_number)


def hold_card(provider: Provider, db: Session, card_number: str) -> Card:
    """Hold a card that was accepted, for as long as this transaction lasts.

    An opposition at the same moment waits, and ends what this transaction opened; one that came
    first is found here.

    Raises:
        ApprovalGone: there is no such card.
        CardRefused: it was opposed, blocked or ended since.
    """
    held = store.hold_active_card(db, card_number)
    card = held or find_card(db, card_number)
    if card is not None:
        check_card(card, provider.clock.now())
    if held is None:
        raise ApprovalGone
    return held
