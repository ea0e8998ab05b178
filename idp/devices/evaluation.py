"""One evaluation of a PIN, in the server's order (decision 19): the only door to it.

Sign-in and PIN change come through here, so that they share one counter. The try, the nonce and
the rolling token are taken and committed before the signature is looked at: an evaluation that
is interrupted costs its try, and leaves a row that the phone can ask about.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy.orm import Session

from idp.devices.answers import Answered, begin_answer, replay, roll_for
from idp.devices.assertion import (
    FormRefused,
    PresentedAssertion,
    counter_advances,
    is_signed_by,
    read_assertion,
)
from idp.devices.documents import addressed, bytes_to_sign, sign_document
from idp.devices.errors import (
    AnswerUnfinished,
    ChallengeClosed,
    CloneSuspected,
    Malformed,
    NonceStale,
)
from idp.devices.lifecycle import suspend_device
from idp.devices.pin_key import open_pin_key
from idp.devices.proofs import decode_base64url, encode_base64url
from idp.devices.requests import SignedRequest, open_request
from idp.devices.tries import check_may_try, wait_after
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.challenges import AlreadyAnswered, find_challenge, take_nonce
from idp.store.devices import take_try
from idp.store.models import Challenge, Device

NONCE_BYTES = 32
_ROLL_BYTES = 32


class Raced(Exception):
    """Another request changed the phone or the challenge first: look again."""


class Verdict(Enum):
    """What the evaluation says of the PIN and the phone."""

    RIGHT = auto()
    WRONG_PIN = auto()
    CLONE = auto()


@dataclass(frozen=True)
class Statement:
    """What the person decided by typing the PIN: it is part of what is signed."""

    challenge_id: str
    purpose: str
    decision: str
    number: str | None


@dataclass(frozen=True)
class Attempt:
    """A try that is taken and committed, and not yet evaluated."""

    device: Device
    """As it stood before the try."""
    challenge: Challenge
    """As it stood before the try."""
    fresh_nonce: str
    request_id: str
    payload: dict[str, Any]
    presented: PresentedAssertion
    expected: bytes
    roll: str
    """The next rolling token."""
    failures: int
    """Wrong PINs in a row, should this one be wrong."""
    locked_until: datetime | None


def begin(
    provider: Provider,
    body: bytes,
    path: str,
    read: Callable[[SignedRequest], Statement],
    *,
    challenge_id: str | None = None,
) -> Attempt | Answered:
    """Everything before the PIN: form, device, signature, roll, then try and nonce together.

    Gives the earlier answer to the same bytes. Where the address names the question, it is read
    with the device.

    Raises:
        ProblemError: one of the refusals of the protocol; no try was taken.
    """
    # A refusal told from two statements may have been overtaken between them by another copy
    # of the same bytes: a second look finds what that one was answered.
    for last_look in (False, True):
        try:
            with provider.store.begin() as db:
                request = open_request(provider, db, body, path, challenge_id=challenge_id)
                if request.answered is not None:
                    return replay(provider, request.answered)
                return _take(provider, db, request, read(request))
        except (Raced, AlreadyAnswered, NonceStale, ChallengeClosed) as refusal:
            if last_look and not isinstance(refusal, (Raced, AlreadyAnswered)):
                raise
        except CloneSuspected:
            with provider.store.begin() as db:
                suspend_device(provider, db, request.device, "stale-roll")
            raise
    raise AnswerUnfinished


def evaluate(provider: Provider, attempt: Attempt) -> Verdict:
    """Verify the inner signature, then the phone's own counter; outside any transaction."""
    settings, device = provider.settings, attempt.device
    public_key = open_pin_key(provider.sealer, device.credential_id, device.pin_key_sealed)
    if not is_signed_by(
        attempt.presented,
        public_key,
        challenge=attempt.expected,
        rp_id=settings.rp_id,
        origin=settings.phone_origin,
    ):
        return Verdict.WRONG_PIN
    advances = counter_advances(
        device.sign_count, attempt.presented.counter, window=settings.sign_count_window
    )
    return Verdict.RIGHT if advances else Verdict.CLONE


def _take(provider: Provider, db: Session, request: SignedRequest, statement: Statement) -> Attempt:
    settings, device, now = provider.settings, request.device, provider.clock.now()
    presented = _read_assertion(provider, request)
    roll = _read_roll(request.payload)
    check_may_try(settings, device, roll, now)
    # Only now: a copy made before a PIN change names a dead credential, and stops at its roll.
    if presented.credential_id != device.credential_id:
        raise Malformed(member="assertion")
    found = request.challenge or find_challenge(db, statement.challenge_id)
    challenge = _require_open(found, device, statement, now)
    document = addressed(challenge.document, challenge.nonce, device.device_id)
    expected = bytes_to_sign(document, statement.decision, statement.number)
    if presented.challenge != expected:
        raise NonceStale(document=sign_document(provider.keyring.active("phone"), document))
    failures = device.failures + 1
    wait = wait_after(settings, failures)
    attempt = Attempt(
        device=device,
        challenge=challenge,
        fresh_nonce=encode_base64url(secrets.token_bytes(NONCE_BYTES)),
        request_id=request.request_id,
        payload=request.payload,
        presented=presented,
        expected=expected,
        roll=roll_for(provider.sealer, device.device_id, request.request_id),
        failures=failures,
        locked_until=now + wait if wait else None,
    )
    _commit_try(provider, db, attempt, roll)
    begin_answer(provider, db, request)
    return attempt


def _commit_try(provider: Provider, db: Session, attempt: Attempt, roll: bytes) -> None:
    settings, now = provider.settings, provider.clock.now()
    taken = take_try(
        db,
        attempt.device,
        roll_hash=sha256(roll),
        next_roll_hash=sha256(decode_base64url(attempt.roll)),
        request_id=attempt.request_id,
        failures=attempt.failures,
        locked_until=attempt.locked_until,
        limits=(settings.pin_max_failures, settings.pin_lifetime_failures),
        now=now,
    )
    if not taken or not take_nonce(
        db,
        attempt.challenge.challenge_id,
        device_id=attempt.device.device_id,
        nonce=attempt.challenge.nonce,
        fresh=attempt.fresh_nonce,
        now=now,
    ):
        raise Raced


def _read_assertion(provider: Provider, request: SignedRequest) -> PresentedAssertion:
    settings = provider.settings
    try:
        presented = read_assertion(
            request.payload.get("assertion"), rp_id=settings.rp_id, origin=settings.phone_origin
        )
    except FormRefused as error:
        raise Malformed(member="assertion") from error
    counter = request.payload.get("counter")
    if isinstance(counter, bool) or counter != presented.counter:
        raise Malformed(member="counter")
    return presented


def _read_roll(payload: dict[str, Any]) -> bytes:
    try:
        return decode_base64url(payload.get("roll"), length=_ROLL_BYTES)
    except ValueError as error:
        raise Malformed(member="roll") from error


def _require_open(
    challenge: Challenge | None, device: Device, statement: Statement, now: datetime
) -> Challenge:
    if (
        challenge is None
        or challenge.national_id != device.national_id
        or challenge.purpose != statement.purpose
        or challenge.device_id not in {None, device.device_id}
        or challenge.state != "pending"
        or challenge.expires_at <= now
    ):
        raise ChallengeClosed
    return challenge
