"""Activation by card: the phone's side (docs/phone-protocol.md 10)."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.devices.errors import handle_problems
from idp.devices.requests import (
    EnrolmentRequest,
    open_enrolment_request,
    read_body,
    text_member,
)
from idp.devices.views import respond
from idp.enrolment.answers import answer_once
from idp.enrolment.errors import PairingRefused, QrCodeRefused
from idp.enrolment.pairing import complete, confirmation, scan
from idp.enrolment.tokens import token_hash
from idp.provider import current_provider
from idp.store.models import Pairing
from idp.store.pairings import find_pairing, find_pairing_of_token

bp = Blueprint("pairing", __name__, url_prefix="/wallet/v1/pairings")
handle_problems(bp)


@bp.post("")
def scan_qr() -> ResponseReturnValue:
    """Take the token of the portal's QR; the phone then shows a code."""
    provider = current_provider()
    signed = open_enrolment_request(provider, read_body(), request.path)
    typed = text_member(signed.payload, "token")
    with provider.store.begin() as db:
        pairing = find_pairing_of_token(db, token_hash(typed))
        if pairing is None:
            raise QrCodeRefused
        answered = answer_once(
            provider, db, signed, lambda: scan(provider, db, pairing, signed), status=201
        )
    return respond(answered)


@bp.post("/<pairing_id>/confirmation")
def ask_confirmation(pairing_id: str) -> ResponseReturnValue:
    """Whether the code was typed on the portal; it changes nothing, and may be asked often."""
    provider = current_provider()
    signed = open_enrolment_request(provider, read_body(), request.path)
    with provider.store.read() as db:
        pairing = _own_pairing(db, pairing_id, signed)
    return jsonify(confirmation(provider, pairing))


@bp.post("/<pairing_id>/activate")
def activate_paired_phone(pairing_id: str) -> ResponseReturnValue:
    """Register the new PIN key: the e-CPS is active."""
    provider = current_provider()
    signed = open_enrolment_request(provider, read_body(), request.path)
    with provider.store.begin() as db:
        pairing = _own_pairing(db, pairing_id, signed)
        answered = answer_once(
            provider, db, signed, lambda: complete(provider, db, pairing, signed), status=201
        )
    return respond(answered)


def _own_pairing(db: Session, pairing_id: str, signed: EnrolmentRequest) -> Pairing:
    """The pairing, for the device key that scanned it alone.

    Raises:
        PairingRefused: it is another key's, or there is none.
    """
    pairing = find_pairing(db, pairing_id)
    if pairing is None or pairing.device_thumbprint != signed.thumbprint:
        raise PairingRefused
    return pairing
