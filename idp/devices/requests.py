"""Signed requests: who sends, and that these bytes are theirs (protocol, section 2)."""

from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from idp.devices.errors import (
    DeviceInactive,
    Malformed,
    MediaTypeRefused,
    NotRecognised,
    RequestIdReused,
)
from idp.devices.posture import check_same_sim
from idp.devices.proofs import (
    Envelope,
    ProofRefused,
    check_claims,
    embedded_key,
    key_id,
    open_envelope,
    thumbprint,
    verify_signature,
)
from idp.provider import Provider
from idp.store.devices import find_device_for_request
from idp.store.models import Answer, Challenge, Device

MEDIA_TYPE = "application/jose"

# An unknown sender costs the same verification as a known one (decision 41).
NOBODY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
    "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
}


@dataclass(frozen=True)
class SignedRequest:
    """A request proved to come from a device."""

    device: Device
    payload: dict[str, Any]
    body_hash: bytes
    request_id: str
    answered: Answer | None
    """What the same ``request_id`` was answered before."""
    challenge: Challenge | None = None
    """The question that the address names, whosever it is."""


@dataclass(frozen=True)
class EnrolmentRequest:
    """A request signed by a device key that no device holds yet."""

    jwk: dict[str, Any]
    thumbprint: str
    payload: dict[str, Any]
    body_hash: bytes
    request_id: str


def read_body() -> bytes:
    """The signed bytes of the running request.

    Raises:
        MediaTypeRefused: they are not announced as `application/jose`.
    """
    if request.mimetype != MEDIA_TYPE:
        raise MediaTypeRefused
    return request.get_data(cache=False)


def open_request(
    provider: Provider, db: Session, body: bytes, path: str, *, challenge_id: str | None = None
) -> SignedRequest:
    """Check form, device and outer signature, in this order (decision 19).

    A device that is no longer active may still be told again what it was answered. The question
    of ``challenge_id`` is read along.

    Raises:
        NotRecognised: the sender is not proved; nothing is counted.
        DeviceInactive: the device is proved, and not active.
        PostureRefused: the phone declares what forbids it to hold an e-CPS.
        RequestIdReused: the request id came before with other bytes.
    """
    try:
        envelope = read_envelope(provider, body, path)
        found = find_device_for_request(db, key_id(envelope), envelope.request_id, challenge_id)
        verify_signature(envelope, found[0].device_jwk if found else NOBODY)
    except ProofRefused as error:
        raise NotRecognised from error
    if found is None:
        raise NotRecognised
    device, answered, challenge = found
    if answered is not None and answered.body_hash != envelope.body_hash:
        raise RequestIdReused
    if answered is None:
        _require_active(provider, device)
        check_same_sim(device, envelope.payload.get("posture"))
    return SignedRequest(
        device, envelope.payload, envelope.body_hash, envelope.request_id, answered, challenge
    )


def open_enrolment_request(provider: Provider, body: bytes, path: str) -> EnrolmentRequest:
    """Check a request signed by the key that it carries.

    Raises:
        NotRecognised: form, claims, key or signature does not hold.
    """
    try:
        envelope = read_envelope(provider, body, path)
        jwk = embedded_key(envelope)
        verify_signature(envelope, jwk)
    except ProofRefused as error:
        raise NotRecognised from error
    return EnrolmentRequest(
        jwk, thumbprint(jwk), envelope.payload, envelope.body_hash, envelope.request_id
    )


def text_member(payload: dict[str, Any], name: str, *, longest: int = 128) -> str:
    """A required text of the request.

    Raises:
        Malformed: it is missing, no text, empty or too long.
    """
    value = payload.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Malformed(member=name)
    return value


def read_envelope(provider: Provider, body: bytes, path: str) -> Envelope:
    """Check form, audience, address and age of a request, whoever signed it.

    Raises:
        ProofRefused: one of them does not hold.
    """
    envelope = open_envelope(body)
    check_claims(
        envelope,
        audience=provider.settings.issuer,
        path=path,
        now=provider.clock.timestamp(),
        skew=provider.settings.request_skew,
    )
    return envelope


def _require_active(provider: Provider, device: Device) -> None:
    state = device.state
    if state == "active" and device.expires_at <= provider.clock.now():
        state = "expired"
    if state != "active":
        raise DeviceInactive(state=state)
