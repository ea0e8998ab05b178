"""Requests signed by the card key: which card sends, and that it is there (docs/cards.md 3)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.cards.errors import NotRecognised
from idp.devices.errors import Malformed, RequestIdReused
from idp.devices.proofs import ProofRefused, decode_base64url, key_id, verify_signature
from idp.devices.requests import NOBODY, read_envelope
from idp.provider import Provider
from idp.store.cards import find_card
from idp.store.models import Card
from idp.store.replay import first_use

_SCOPE = "card-request"


@dataclass(frozen=True)
class CardRequest:
    """A request proved to come from a card."""

    card: Card
    payload: dict[str, Any]
    request_id: str


def open_card_request(provider: Provider, db: Session, body: bytes, path: str) -> CardRequest:
    """Check form, card and signature, and that the request comes for the first time.

    Raises:
        NotRecognised: the sender is not proved; nothing is counted.
        RequestIdReused: the card sent a request of that id before.
    """
    try:
        envelope = read_envelope(provider, body, path)
        card = find_card(db, key_id(envelope))
        known = card.card_jwk if card is not None else None
        verify_signature(envelope, known or NOBODY)
    except ProofRefused as error:
        raise NotRecognised from error
    if card is None or known is None:
        raise NotRecognised
    lapses_at = provider.clock.now() + 2 * provider.settings.request_skew
    value = f"{card.card_number}.{envelope.request_id}"
    if not first_use(db, _SCOPE, value, expires_at=lapses_at):
        raise RequestIdReused
    return CardRequest(card, envelope.payload, envelope.request_id)


def bytes_member(payload: dict[str, Any], name: str, *, length: int | None = None) -> bytes:
    """A required member in base64url, of so many bytes.

    Raises:
        Malformed: it is missing, or has another form.
    """
    try:
        return decode_base64url(payload.get(name), length=length)
    except ValueError as error:
        raise Malformed(member=name) from error
