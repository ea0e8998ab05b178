"""What a phone was answered: given again to the same bytes, and told when lost (decision 21)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.devices.errors import AnswerUnfinished, Malformed
from idp.devices.proofs import REQUEST_ID_BYTES, decode_base64url, encode_base64url
from idp.devices.requests import SignedRequest, open_request
from idp.keys.sealing import Sealer
from idp.provider import Provider
from idp.store.challenges import AlreadyAnswered, add_answer, find_answer, settle_answer
from idp.store.models import Answer

SEAL = "answer"
UNFINISHED = 0
"""Status of an answer whose evaluation has not ended, or was interrupted."""
NEVER_ARRIVED = -1
"""Status that closes a request id which the phone was told never arrived."""


@dataclass(frozen=True)
class Answered:
    """A status and a body for the phone."""

    status: int
    body: dict[str, Any]


def roll_for(sealer: Sealer, device_id: str, request_id: str) -> str:
    """The rolling token that an answer gives: derived, so that a lost one can be told again."""
    token = sealer.keyed_hash(f"{device_id}.{request_id}".encode(), purpose="roll")
    return encode_base64url(token)


def once(
    provider: Provider,
    body: bytes,
    path: str,
    act: Callable[[Session, SignedRequest], dict[str, Any]],
) -> Answered:
    """Carry out a change once: the same bytes again get the same answer."""
    try:
        with provider.store.begin() as db:
            request = open_request(provider, db, body, path)
            if request.answered is not None:
                return replay(provider, request.answered)
            answered = Answered(200, act(db, request))
            _remember(provider, db, request, answered)
            return answered
    except AlreadyAnswered:
        with provider.store.read() as db:
            request = open_request(provider, db, body, path)
            if request.answered is None:
                raise AnswerUnfinished from None
            return replay(provider, request.answered)


def begin_answer(provider: Provider, db: Session, request: SignedRequest) -> None:
    """Remember that an evaluation begins, in the transaction that takes its try."""
    _remember(provider, db, request, Answered(UNFINISHED, {}))


def end_answer(
    provider: Provider, db: Session, device_id: str, request_id: str, answered: Answered
) -> None:
    """Remember what an evaluation gave, in the transaction that decides it."""
    outcome = seal_body(provider.sealer, answered.body)
    settle_answer(db, device_id, request_id, status=answered.status, outcome=outcome)


def replay(provider: Provider, answer: Answer) -> Answered:
    """The answer as it was given before.

    Raises:
        AnswerUnfinished: its evaluation runs, or was interrupted.
    """
    if answer.status == UNFINISHED:
        raise AnswerUnfinished
    return Answered(answer.status, open_body(provider.sealer, answer.outcome))


def recover(provider: Provider, body: bytes, path: str) -> Answered:
    """Tell what became of an answer, by its request id (protocol, section 7).

    Of an unknown one the id is closed at once: were it still under way, it would arrive with a
    rolling token that the phone believes unused, and pass for a copy. The one that was evaluated
    last is never unknown, however long the phone was out of reach.
    """
    try:
        return _recover(provider, body, path)
    except AlreadyAnswered:
        # It arrived while it was asked about.
        return _recover(provider, body, path)


def _recover(provider: Provider, body: bytes, path: str) -> Answered:
    with provider.store.begin() as db:
        request = open_request(provider, db, body, path)
        about = _request_id(request.payload.get("about"))
        device_id = request.device.device_id
        answer = find_answer(db, device_id, about)
        if answer is None and request.device.last_request_id != about:
            _close(provider, db, device_id, about)
            return Answered(200, {"known": False})
    if answer is not None and answer.status == NEVER_ARRIVED:
        return Answered(200, {"known": False})
    if answer is None or answer.status == UNFINISHED:
        told = {"roll": roll_for(provider.sealer, device_id, about)}
        return Answered(200, {"known": True, "status": UNFINISHED, "body": told})
    told = open_body(provider.sealer, answer.outcome)
    return Answered(200, {"known": True, "status": answer.status, "body": told})


def _remember(provider: Provider, db: Session, request: SignedRequest, answered: Answered) -> None:
    add_answer(
        db,
        device_id=request.device.device_id,
        request_id=request.request_id,
        body_hash=request.body_hash,
        status=answered.status,
        outcome=seal_body(provider.sealer, answered.body),
        expires_at=provider.clock.now() + provider.settings.answer_replay_window,
    )


def _close(provider: Provider, db: Session, device_id: str, request_id: str) -> None:
    add_answer(
        db,
        device_id=device_id,
        request_id=request_id,
        body_hash=b"",
        status=NEVER_ARRIVED,
        outcome={},
        expires_at=provider.clock.now() + provider.settings.answer_replay_window,
    )


def _request_id(value: Any) -> str:
    try:
        decode_base64url(value, length=REQUEST_ID_BYTES)
    except ValueError as error:
        raise Malformed(member="about") from error
    return str(value)


def seal_body(sealer: Sealer, body: dict[str, Any]) -> dict[str, Any]:
    """An answer at rest: it holds secrets of the phone, rolling token and completion."""
    return {"sealed": sealer.seal(json.dumps(body).encode(), purpose=SEAL).hex()}


def open_body(sealer: Sealer, outcome: dict[str, Any]) -> dict[str, Any]:
    """The answer as it was given."""
    body: dict[str, Any] = json.loads(sealer.open(bytes.fromhex(outcome["sealed"]), purpose=SEAL))
    return body
