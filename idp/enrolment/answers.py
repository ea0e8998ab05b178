"""Carrying a step out once, and giving its answer again (docs/phone-protocol.md 2).

A phone that enrols has no device id yet: the thumbprint of its key stands in its place.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from idp.devices.answers import UNFINISHED, Answered, end_answer, replay
from idp.devices.errors import ProblemError, RequestIdReused
from idp.devices.requests import EnrolmentRequest
from idp.provider import Provider
from idp.store.challenges import AlreadyAnswered, add_answer, find_answer


def answer_once(
    provider: Provider,
    db: Session,
    request: EnrolmentRequest,
    step: Callable[[], dict[str, Any]],
    *,
    status: int,
) -> Answered:
    """Carry out ``step``, or give the answer that the same bytes got before.

    A refusal is an answer like any other: what the step wrote before it (a try) stays. Of the
    same request twice at one moment, the second waits for the first to commit.

    Raises:
        RequestIdReused: the request id came before with other bytes.
    """
    owner, request_id = request.thumbprint, request.request_id
    try:
        with db.begin_nested():
            add_answer(
                db,
                device_id=owner,
                request_id=request_id,
                body_hash=request.body_hash,
                status=UNFINISHED,
                outcome={},
                expires_at=provider.clock.now() + provider.settings.answer_replay_window,
            )
    except AlreadyAnswered:
        answer = find_answer(db, owner, request_id)
        if answer is None or answer.body_hash != request.body_hash:
            raise RequestIdReused from None
        return replay(provider, answer)
    try:
        answered = Answered(status, step())
    except ProblemError as problem:
        answered = Answered(problem.status, problem.body())
    end_answer(provider, db, owner, request_id, answered)
    return answered
