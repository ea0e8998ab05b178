"""Addresses of the questions asked of a phone (protocol, section 6)."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from idp.challenges.answer import approve, refuse
from idp.devices.documents import addressed, sign_document
from idp.devices.errors import handle_problems
from idp.devices.requests import open_request, read_body
from idp.devices.views import BASE, respond
from idp.provider import current_provider
from idp.store.challenges import waiting_signins

bp = Blueprint("challenges", __name__, url_prefix=BASE)
handle_problems(bp)


@bp.post("/pending")
def pending() -> ResponseReturnValue:
    """The sign-ins that wait for this phone, newest first, each a signed document."""
    provider = current_provider()
    with provider.store.read() as db:
        device = open_request(provider, db, read_body(), request.path).device
        waiting = waiting_signins(
            db,
            device.national_id,
            device.device_id,
            now=provider.clock.now(),
            limit=provider.settings.pending_shown,
        )
    key = provider.keyring.active("phone")
    documents = [addressed(c.document, c.nonce, device.device_id) for c in waiting]
    return jsonify(challenges=[sign_document(key, document) for document in documents])


@bp.post("/challenges/<challenge_id>/answer")
def answer(challenge_id: str) -> ResponseReturnValue:
    """Approve with PIN and number."""
    return respond(approve(current_provider(), read_body(), request.path, challenge_id))


@bp.post("/challenges/<challenge_id>/refuse")
def decline(challenge_id: str) -> ResponseReturnValue:
    """Refuse, or say that it was not me."""
    return respond(refuse(current_provider(), read_body(), request.path, challenge_id))
