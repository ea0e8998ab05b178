"""Changing the PIN: begun under the old one, then committed or rolled back (protocol, section 8).

Until the commit the old PIN alone is valid, from then on the new one alone.
"""

import secrets
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.answers import Answered, once
from idp.devices.assertion import FormRefused, attestation_object
from idp.devices.conclusion import conclude_refused, conclude_right
from idp.devices.documents import addressed, change_decision, sign_document
from idp.devices.errors import (
    ChallengeClosed,
    NothingBegun,
    ProblemError,
    RegistrationRefused,
    numeric_date,
)
from idp.devices.evaluation import (
    NONCE_BYTES,
    Attempt,
    Statement,
    Verdict,
    begin,
    evaluate,
)
from idp.devices.notices import tell_contacts
from idp.devices.pin_key import seal_pin_key
from idp.devices.proofs import encode_base64url
from idp.devices.registration import prove_new_pin_key
from idp.devices.requests import SignedRequest, text_member
from idp.provider import Provider
from idp.store.challenges import add_challenge, decide
from idp.store.devices import begin_pin_change, commit_pin_change, roll_back_pin_change
from idp.store.models import Challenge

PURPOSE = "pin-change"


def start(provider: Provider, body: bytes, path: str) -> Answered:
    """A document for a PIN change, to be signed by the old and the new PIN key."""

    def act(db: Session, request: SignedRequest) -> dict[str, Any]:
        challenge = _ask(provider, db, request)
        document = addressed(challenge.document, challenge.nonce, request.device.device_id)
        return {"document": sign_document(provider.keyring.active("phone"), document)}

    return once(provider, body, path, act)


def begin_change(provider: Provider, body: bytes, path: str) -> Answered:
    """Prove the old PIN and the new key; the new one waits for its commit.

    Raises:
        ProblemError: the refusals of a PIN, or of a new key; none of the latter costs a try.
    """
    attempt = begin(provider, body, path, _read)
    if isinstance(attempt, Answered):
        return attempt
    verdict = evaluate(provider, attempt)
    if verdict is not Verdict.RIGHT:
        return conclude_refused(provider, attempt, verdict)
    return _begun(provider, attempt)


def commit(provider: Provider, body: bytes, path: str) -> Answered:
    """Switch to the new PIN; again is the same."""

    def act(db: Session, request: SignedRequest) -> dict[str, Any]:
        device = request.device
        credential_id = text_member(request.payload, "credential_id")
        if device.credential_id == credential_id:
            return {"outcome": "committed"}
        version = provider.settings.pin_policy_version
        if not commit_pin_change(db, device.device_id, credential_id, policy_version=version):
            raise NothingBegun
        _journal(provider, db, request, Event.PIN_CHANGED)
        tell_contacts(provider, db, device.national_id, "pin-changed")
        return {"outcome": "committed"}

    return once(provider, body, path, act)


def rollback(provider: Provider, body: bytes, path: str) -> Answered:
    """Keep the old PIN; nothing begun is no error."""

    def act(db: Session, request: SignedRequest) -> dict[str, Any]:
        if roll_back_pin_change(db, request.device.device_id):
            _journal(provider, db, request, Event.PIN_CHANGE_ROLLED_BACK)
        return {"outcome": "rolled_back"}

    return once(provider, body, path, act)


def _ask(provider: Provider, db: Session, request: SignedRequest) -> Challenge:
    now = provider.clock.now()
    expires_at = now + provider.settings.web_challenge_lifetime
    challenge_id = secrets.token_urlsafe(16)
    challenge = Challenge(
        challenge_id=challenge_id,
        purpose=PURPOSE,
        state="pending",
        national_id=request.device.national_id,
        device_id=request.device.device_id,
        document={
            "v": 1,
            "purpose": PURPOSE,
            "challenge_id": challenge_id,
            "policy_version": provider.settings.pin_policy_version,
            "iat": numeric_date(now),
            "exp": numeric_date(expires_at),
        },
        nonce=encode_base64url(secrets.token_bytes(NONCE_BYTES)),
        created_at=now,
        expires_at=expires_at,
    )
    add_challenge(db, challenge)
    return challenge


def _read(request: SignedRequest) -> Statement:
    try:
        attested = attestation_object(request.payload.get("registration"))
    except FormRefused as error:
        raise RegistrationRefused from error
    return Statement(
        challenge_id=text_member(request.payload, "challenge_id"),
        purpose=PURPOSE,
        decision=change_decision(attested),
        number=None,
    )


def _begun(provider: Provider, attempt: Attempt) -> Answered:
    with provider.store.begin() as db:
        try:
            _let_new_key_wait(provider, db, attempt)
            answered = Answered(200, {"outcome": "begun", "roll": attempt.roll})
        except ProblemError as problem:
            answered = Answered(problem.status, problem.body() | {"roll": attempt.roll})
        return conclude_right(
            provider,
            db,
            attempt,
            answered,
            success=answered.status == HTTPStatus.OK,
            told=attempt.device.failures_told,
        )


def _let_new_key_wait(provider: Provider, db: Session, attempt: Attempt) -> None:
    device, challenge = attempt.device, attempt.challenge
    if not decide(db, challenge.challenge_id, state="finished", now=provider.clock.now()):
        raise ChallengeClosed
    credential = prove_new_pin_key(
        provider,
        db,
        document=addressed(challenge.document, challenge.nonce, device.device_id),
        registration=attempt.payload.get("registration"),
        policy_version=attempt.payload.get("policy_version"),
    )
    begin_pin_change(
        db,
        device.device_id,
        credential_id=credential.credential_id,
        pin_key_sealed=seal_pin_key(
            provider.sealer, credential.credential_id, credential.public_key
        ),
    )
    record(
        db,
        Event.PIN_CHANGE_BEGUN,
        now=provider.clock.now(),
        person=device.national_id,
        device_id=device.device_id,
    )


def _journal(provider: Provider, db: Session, request: SignedRequest, event: Event) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        person=request.device.national_id,
        device_id=request.device.device_id,
    )
