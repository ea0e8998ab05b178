"""The phone's answer to a sign-in: approved by PIN and number, or refused (protocol, section 6)."""

import hmac
import re
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.push import count_refusal, forget_refusals
from idp.challenges.start import CIBA, PURPOSE
from idp.devices.answers import Answered, once
from idp.devices.conclusion import conclude_refused, conclude_right
from idp.devices.errors import ChallengeClosed, Malformed, WrongNumber
from idp.devices.evaluation import (
    Attempt,
    Statement,
    Verdict,
    begin,
    evaluate,
)
from idp.devices.notices import tell_contacts
from idp.devices.proofs import decode_base64url, encode_base64url
from idp.devices.requests import SignedRequest
from idp.keys.sealing import sha256
from idp.outbox.requester import tell_requester
from idp.provider import Provider
from idp.store.challenges import decide, find_challenge
from idp.store.models import Challenge

_NUMBER = re.compile("[0-9]{2}")
_REASONS = {"cancelled": "refused", "unknown_trigger": "not_me"}


def approve(provider: Provider, body: bytes, path: str, challenge_id: str) -> Answered:
    """Evaluate an approval in the server's order (decision 19): PIN, counter, then number."""
    attempt = begin(
        provider,
        body,
        path,
        lambda request: _read(request, challenge_id),
        challenge_id=challenge_id,
    )
    if isinstance(attempt, Answered):
        return attempt
    verdict = evaluate(provider, attempt)
    if verdict is not Verdict.RIGHT:
        return conclude_refused(provider, attempt, verdict)
    shown = attempt.challenge.number
    if shown is not None and not hmac.compare_digest(shown, attempt.payload["number"]):
        return _wrong_number(provider, attempt)
    return _approved(provider, attempt)


def refuse(provider: Provider, body: bytes, path: str, challenge_id: str) -> Answered:
    """A signed refusal, without PIN; 'it was not me' silences further pushes."""

    def act(db: Session, request: SignedRequest) -> dict[str, Any]:
        reason = request.payload.get("reason")
        if reason not in _REASONS:
            raise Malformed(member="reason")
        challenge = _owned(db, request, challenge_id)
        now = provider.clock.now()
        disowned = reason == "unknown_trigger"
        device_id = request.device.device_id
        if not decide(db, challenge_id, state=_REASONS[reason], now=now, device_id=device_id):
            raise ChallengeClosed
        count_refusal(provider, db, challenge.national_id, disowned=disowned)
        tell_requester(provider, db, challenge)
        event = Event.CHALLENGE_NOT_ME if disowned else Event.CHALLENGE_REFUSED
        _journal(provider, db, event, challenge, device_id, success=not disowned)
        return {"outcome": "refused"}

    return once(provider, body, path, act)


def _read(request: SignedRequest, challenge_id: str) -> Statement:
    if request.payload.get("decision") != "approve":
        raise Malformed(member="decision")
    return Statement(challenge_id, PURPOSE, "approve", _number(request))


def _number(request: SignedRequest) -> str | None:
    """Two digits or, where the document shows no number to match, null (protocol, section 6)."""
    number, challenge = request.payload.get("number"), request.challenge
    if challenge is not None and challenge.purpose == PURPOSE and challenge.number is None:
        if number is not None:
            raise Malformed(member="number")
        return None
    if not isinstance(number, str) or not _NUMBER.fullmatch(number):
        raise Malformed(member="number")
    return number


def _owned(db: Session, request: SignedRequest, challenge_id: str) -> Challenge:
    challenge = find_challenge(db, challenge_id)
    if (
        challenge is None
        or challenge.purpose != PURPOSE
        or challenge.national_id != request.device.national_id
        or challenge.device_id not in {None, request.device.device_id}
    ):
        raise ChallengeClosed
    return challenge


def _approved(provider: Provider, attempt: Attempt) -> Answered:
    device, challenge, now = attempt.device, attempt.challenge, provider.clock.now()
    completion = _completion(provider, attempt) if challenge.document["same_device"] else None
    with provider.store.begin() as db:
        approved = decide(
            db,
            challenge.challenge_id,
            state="approved",
            now=now,
            expires_at=_approval_lapses(provider, challenge, now),
            failures_told=device.failures_told,
            completion_hash=sha256(decode_base64url(completion)) if completion else None,
        )
        if not approved:
            return _closed_meanwhile(provider, db, attempt)
        forget_refusals(db, device.national_id)
        tell_requester(provider, db, challenge)
        _journal(provider, db, Event.CHALLENGE_APPROVED, challenge, device.device_id, success=True)
        answered = Answered(
            200,
            {
                "outcome": "approved",
                "roll": attempt.roll,
                "failures_since_success": device.failures_told,
                "completion": completion,
            },
        )
        return conclude_right(provider, db, attempt, answered, success=True, told=0)


def _wrong_number(provider: Provider, attempt: Attempt) -> Answered:
    device, challenge, now = attempt.device, attempt.challenge, provider.clock.now()
    problem = WrongNumber(roll=attempt.roll)
    with provider.store.begin() as db:
        if not decide(db, challenge.challenge_id, state="wrong_number", now=now):
            return _closed_meanwhile(provider, db, attempt)
        count_refusal(provider, db, device.national_id, disowned=False)
        tell_requester(provider, db, challenge)
        _journal(
            provider, db, Event.CHALLENGE_WRONG_NUMBER, challenge, device.device_id, success=False
        )
        tell_contacts(provider, db, device.national_id, "wrong-number")
        answered = Answered(problem.status, problem.body())
        told = device.failures_told
        return conclude_right(provider, db, attempt, answered, success=False, told=told)


def _closed_meanwhile(provider: Provider, db: Session, attempt: Attempt) -> Answered:
    """The browser gave up, or time did, while the PIN was looked at: the try is given back."""
    problem = ChallengeClosed(roll=attempt.roll)
    answered = Answered(problem.status, problem.body())
    told = attempt.device.failures_told
    return conclude_right(provider, db, attempt, answered, success=False, told=told)


def _approval_lapses(provider: Provider, challenge: Challenge, now: datetime) -> datetime:
    """A browser waits beside the phone; who asked without one may ask as long as it was told."""
    if challenge.document["action"] == CIBA:
        return challenge.expires_at
    return now + provider.settings.finish_grace


def _completion(provider: Provider, attempt: Attempt) -> str:
    """The one-time secret that finishes a same-device sign-in (decision 25)."""
    bound = f"{attempt.challenge.challenge_id}.{attempt.request_id}".encode()
    return encode_base64url(provider.sealer.keyed_hash(bound, purpose="completion"))


def _journal(
    provider: Provider,
    db: Session,
    event: Event,
    challenge: Challenge,
    device_id: str,
    *,
    success: bool,
) -> None:
    record(
        db,
        event,
        now=provider.clock.now(),
        success=success,
        person=challenge.national_id,
        client_id=challenge.client_id,
        device_id=device_id,
        challenge_id=challenge.challenge_id,
    )
