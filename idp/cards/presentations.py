"""Presenting a code: a try is taken, then evaluated, then told to have held (docs/cards.md 3).

The provider never learns whether a code was right but from the card, which proves it by its
authentication key. Only the last presentation may be told to have held, and once: what a wrong
code took stays taken (decision 31).
"""

import secrets
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards import codes
from idp.cards.codes import PROOF_BYTES, Kind, evaluate
from idp.cards.errors import CodeBlocked, PresentationRefused
from idp.cards.possession import HELD, check_opened
from idp.cards.register import move
from idp.cards.requests import CardRequest, bytes_member, open_card_request
from idp.cards.states import CardAct, CardState
from idp.devices.errors import Malformed
from idp.devices.proofs import encode_base64url
from idp.devices.requests import text_member
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.card_codes import restore_tries, take_code_try, take_unblock_try
from idp.store.models import Card


def present(provider: Provider, body: bytes, path: str) -> dict[str, Any]:
    """Take a try of a code, and once that is written evaluate the proof of what was typed.

    The try that leaves none blocks a card in use at once: should the code have been right,
    telling so unblocks it.

    Raises:
        NotRecognised: the card is not proved; no try was taken.
        RequestIdReused: the request came before; no try was taken.
        Malformed: a member is missing or has another form; no try was taken.
        CodeBlocked: no try was left; it is in the journal.
    """
    with provider.store.begin() as db:
        request = open_card_request(provider, db, body, path)
        kind, proof = _kind(request), bytes_member(request.payload, "proof", length=PROOF_BYTES)
        presentation = f"{kind}.{encode_base64url(secrets.token_bytes(24))}"
        card = _take_try(provider, db, request.card, kind, presentation)
    if card is None:
        raise CodeBlocked(unblock_tries_left=request.card.unblock_tries_left)
    return {
        "presentation": presentation,
        "evaluation": _evaluated(provider, card, kind, proof),
        "tries_left": card.tries_left if kind is Kind.CODE else card.unblock_tries_left,
    }


def hold(provider: Provider, body: bytes, path: str, presentation: str) -> dict[str, Any]:
    """The code was right: fill the counters, unblock the card, evaluate a new code.

    The unblocking code fills both counters; the holder's fills its own alone, so that knowing it
    gives nobody more tries of the other.

    Raises:
        NotRecognised: the card is not proved.
        RequestIdReused: the request came before.
        Malformed: a member is missing or has another form.
        PresentationRefused: another presentation came since, this one was told already, or the
            signature does not hold.
    """
    with provider.store.begin() as db:
        request = open_card_request(provider, db, body, path)
        new_proof = (
            bytes_member(request.payload, "new_proof", length=PROOF_BYTES)
            if "new_proof" in request.payload
            else None
        )
        number = request.card.card_number
        check_opened(
            db,
            number,
            purpose=HELD,
            about=presentation,
            signature=bytes_member(request.payload, "signature"),
        )
        card = _restore(provider, db, number, presentation)
        if card.state == CardState.BLOQUEE:
            move(provider, db, number, CardAct.UNBLOCK)
    told: dict[str, Any] = {"tries_left": card.tries_left}
    if new_proof is not None:
        told["evaluation"] = _evaluated(provider, card, Kind.CODE, new_proof)
    return told


def _kind(request: CardRequest) -> Kind:
    try:
        return Kind(text_member(request.payload, "kind"))
    except ValueError as error:
        raise Malformed(member="kind") from error


def _take_try(
    provider: Provider, db: Session, card: Card, kind: Kind, presentation: str
) -> Card | None:
    take = take_code_try if kind is Kind.CODE else take_unblock_try
    taken = take(db, card.card_number, sha256(presentation))
    if taken is None:
        _record_refused(provider, db, card, kind)
        return None
    if kind is Kind.CODE and taken.tries_left == 0 and taken.state == CardState.ACTIVE:
        move(provider, db, card.card_number, CardAct.BLOCK)
        _record_refused(provider, db, card, kind)
    return taken


def _restore(provider: Provider, db: Session, card_number: str, presentation: str) -> Card:
    settings = provider.settings
    tries = {"tries_left": settings.card_code_tries}
    if presentation.startswith(f"{Kind.UNBLOCK}."):
        tries["unblock_tries_left"] = settings.card_unblock_tries
    card = restore_tries(db, card_number, sha256(presentation), **tries)
    if card is None:
        raise PresentationRefused
    return card


def _evaluated(provider: Provider, card: Card, kind: Kind, proof: bytes) -> str:
    if card.share_sealed is None:
        raise ValueError(card.card_number)
    share = provider.sealer.open(card.share_sealed, purpose=codes.SEAL)
    return encode_base64url(evaluate(share, kind, proof))


def _record_refused(provider: Provider, db: Session, card: Card, kind: Kind) -> None:
    record(
        db,
        Event.CARD_CODE_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=card.national_id,
        card_number=card.card_number,
        kind=kind,
    )
