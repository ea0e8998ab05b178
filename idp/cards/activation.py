"""The holder activates a card that came by post (CP-07, docs/cards.md 3)."""

from typing import Any

from sqlalchemy.orm import Session

from idp.cards import errors
from idp.cards.possession import ACTIVATE, check_opened
from idp.cards.register import TransitionRefused, move
from idp.cards.renewal import take_over
from idp.cards.requests import CardRequest, bytes_member, open_card_request
from idp.cards.states import CardAct, CardState
from idp.provider import Provider
from idp.store.cards import release_certificates


def activate(provider: Provider, body: bytes, path: str) -> dict[str, Any]:
    """Put a card in use, by the one who holds it and knows its code.

    A card still in the post was received, then; one that takes over from another replaces it. Its
    certificates are on hold no more, on the list at once.

    Raises:
        NotRecognised: the card is not proved.
        RequestIdReused: the request came before.
        Malformed: a member is missing or has another form.
        PresentationRefused: the signature does not hold.
        TransitionRefused: the card is in use, or over; it is in the journal.
    """
    with provider.store.begin() as db:
        request = open_card_request(provider, db, body, path)
        check_opened(
            db,
            request.card.card_number,
            purpose=ACTIVATE,
            about=request.request_id,
            signature=bytes_member(request.payload, "signature"),
        )
        refused = _activate(provider, db, request)
    if refused is not None:
        raise refused
    return {"state": CardState.ACTIVE}


def _activate(
    provider: Provider, db: Session, request: CardRequest
) -> errors.TransitionRefused | None:
    """Let it happen, or give the refusal that is recorded and must be committed."""
    card, now = request.card, provider.clock.now()
    try:
        if card.ends_at is not None and card.ends_at <= now:
            over = move(provider, db, card.card_number, CardAct.EXPIRE)
            return errors.TransitionRefused(state=over.state)
        if card.state == CardState.EXPEDIEE:
            move(provider, db, card.card_number, CardAct.RECEIVE)
        active = move(provider, db, card.card_number, CardAct.ACTIVATE, activated_at=now)
    except TransitionRefused as refused:
        return errors.TransitionRefused(state=refused.state)
    if active.renews is not None:
        take_over(provider, db, active)
    # After those it replaces: an opposition of one of them takes its row before the list's, too.
    release_certificates(db, card.card_number)
    return None
