"""Addresses of the phone itself: configuration, status, PIN change, push, lost answers."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices import pin_change
from idp.devices.answers import Answered, once, recover
from idp.devices.documents import compose_configuration, sign_configuration
from idp.devices.errors import handle_problems, numeric_date
from idp.devices.lifecycle import revoke_device
from idp.devices.push_address import read_subscription
from idp.devices.requests import SignedRequest, open_request, read_body
from idp.provider import current_provider
from idp.store.devices import set_push
from idp.web.problems import problem_response

BASE = "/wallet/v1"

bp = Blueprint("devices", __name__, url_prefix=BASE)
handle_problems(bp)


def respond(answered: Answered) -> Response:
    """An answer of the protocol: JSON, or a problem."""
    if "code" in answered.body and "status" in answered.body:
        return problem_response(answered.body)
    response = jsonify(answered.body)
    response.status_code = answered.status
    return response


@bp.get("/configuration")
def configuration() -> ResponseReturnValue:
    """The signed configuration (section 3)."""
    provider = current_provider()
    keys = provider.keyring.published("phone")
    composed = compose_configuration(
        provider.settings,
        provider.clock.now(),
        simulation=provider.is_simulation,
        keys=[key.row.public_jwk for key in keys],
        successions=provider.keyring.endorsements("phone"),
        vapid=provider.keyring.active("vapid").row.public_jwk,
    )
    signed = sign_configuration(provider.keyring.active("phone"), composed)
    return Response(signed, mimetype="application/jose")


@bp.post("/status")
def status() -> ResponseReturnValue:
    """What the phone needs to know in doubt (section 8)."""
    provider = current_provider()
    with provider.store.read() as db:
        signed = open_request(provider, db, read_body(), request.path)
    device = signed.device
    locked = device.locked_until is not None and device.locked_until > provider.clock.now()
    told: dict[str, Any] = {
        "state": device.state,
        "credential_id": device.credential_id,
        "next_credential_id": device.next_credential_id,
        "pin_generation": device.pin_generation,
        "policy_version": device.policy_version,
        "locked_until": numeric_date(device.locked_until)
        if locked and device.locked_until
        else None,
        "expires_at": numeric_date(device.expires_at),
        "failures_since_success": device.failures_told,
    }
    return jsonify(told)


@bp.post("/outcome")
def outcome() -> ResponseReturnValue:
    """What became of an answer (section 7)."""
    return respond(recover(current_provider(), read_body(), request.path))


@bp.post("/pin-change/start")
def start_pin_change() -> ResponseReturnValue:
    """Section 8, step 1."""
    return respond(pin_change.start(current_provider(), read_body(), request.path))


@bp.post("/pin-change/begin")
def begin_pin_change() -> ResponseReturnValue:
    """Section 8, step 2."""
    return respond(pin_change.begin_change(current_provider(), read_body(), request.path))


@bp.post("/pin-change/commit")
def commit_pin_change() -> ResponseReturnValue:
    """Section 8, step 3."""
    return respond(pin_change.commit(current_provider(), read_body(), request.path))


@bp.post("/pin-change/rollback")
def roll_back_pin_change() -> ResponseReturnValue:
    """Section 8, step 4."""
    return respond(pin_change.rollback(current_provider(), read_body(), request.path))


@bp.post("/push")
def change_push() -> ResponseReturnValue:
    """Where the phone is told of challenges (section 9, decision 27)."""
    provider = current_provider()

    def act(db: Session, signed: SignedRequest) -> dict[str, Any]:
        wanted = signed.payload
        subscription = (
            None
            if "endpoint" in wanted and wanted["endpoint"] is None
            else read_subscription(provider.settings, wanted)
        )
        now, device = provider.clock.now(), signed.device
        set_push(db, device.device_id, subscription, now)
        record(
            db,
            Event.PUSH_ADDRESS_CHANGED,
            now=now,
            person=device.national_id,
            device_id=device.device_id,
        )
        return {"outcome": "changed"}

    return respond(once(provider, read_body(), request.path, act))


@bp.post("/delete")
def delete() -> ResponseReturnValue:
    """The person deletes the e-CPS on the phone (section 9)."""
    provider = current_provider()

    def act(db: Session, signed: SignedRequest) -> dict[str, Any]:
        revoke_device(provider, db, signed.device, "deleted")
        return {"outcome": "deleted"}

    return respond(once(provider, read_body(), request.path, act))
