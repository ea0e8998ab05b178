"""Challenges and what phones were answered: single use by conditional updates (decision 37)."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import Answer, Challenge, OutboxMessage


class AlreadyAnswered(Exception):
    """A request was answered while another copy of it was looked at."""


def add_challenge(db: Session, challenge: Challenge) -> None:
    """Ask a new question."""
    db.add(challenge)
    db.flush()


def find_challenge(db: Session, challenge_id: str) -> Challenge | None:
    """The question of that id, whatever its state."""
    return db.get(Challenge, challenge_id)


def waiting_signins(
    db: Session, national_id: str, device_id: str, *, now: datetime, limit: int
) -> list[Challenge]:
    """The sign-ins that this phone may answer, newest first."""
    return list(
        db.scalars(
            select(Challenge)
            .where(
                Challenge.national_id == national_id,
                Challenge.state == "pending",
                Challenge.purpose == "signin",
                Challenge.expires_at > now,
                or_(Challenge.device_id.is_(None), Challenge.device_id == device_id),
            )
            .order_by(Challenge.created_at.desc(), Challenge.challenge_id)
            .limit(limit)
        )
    )


def take_nonce(
    db: Session, challenge_id: str, *, device_id: str, nonce: str, fresh: str, now: datetime
) -> bool:
    """Use up a nonce: each allows one evaluation of a PIN."""
    changed = db.execute(
        update(Challenge)
        .where(
            Challenge.challenge_id == challenge_id,
            Challenge.state == "pending",
            Challenge.expires_at > now,
            Challenge.nonce == nonce,
            or_(Challenge.device_id.is_(None), Challenge.device_id == device_id),
        )
        .values(nonce=fresh, device_id=device_id, tries=Challenge.tries + 1)
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def decide(db: Session, challenge_id: str, *, state: str, now: datetime, **values: Any) -> bool:
    """Give a waiting challenge its outcome; once."""
    changed = db.execute(
        update(Challenge)
        .where(
            Challenge.challenge_id == challenge_id,
            Challenge.state == "pending",
            Challenge.expires_at > now,
        )
        .values(state=state, decided_at=now, **values)
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def finish_approved(
    db: Session, challenge_id: str, *, completion_hash: bytes | None, now: datetime
) -> Challenge | None:
    """Spend an approval; a same-device one needs the secret that the phone handed over."""
    return db.scalars(
        update(Challenge)
        .where(
            Challenge.challenge_id == challenge_id,
            Challenge.state == "approved",
            Challenge.expires_at > now,
            or_(Challenge.completion_hash.is_(None), Challenge.completion_hash == completion_hash),
        )
        .values(state="finished")
        .returning(Challenge)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()


def cancel_waiting(db: Session, challenge_id: str, now: datetime) -> bool:
    """The browser that began gave up, before or after the approval."""
    changed = db.execute(
        update(Challenge)
        .where(Challenge.challenge_id == challenge_id, Challenge.state.in_(("pending", "approved")))
        .values(state="cancelled", decided_at=now)
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def add_answer(
    db: Session,
    *,
    device_id: str,
    request_id: str,
    body_hash: bytes,
    status: int,
    outcome: dict[str, Any],
    expires_at: datetime,
) -> None:
    """Remember what a request is answered; the transaction is lost on an error.

    Raises:
        AlreadyAnswered: the same request was answered meanwhile.
    """
    db.add(
        Answer(
            device_id=device_id,
            request_id=request_id,
            body_hash=body_hash,
            status=status,
            outcome=outcome,
            expires_at=expires_at,
        )
    )
    try:
        db.flush()
    except IntegrityError as error:
        raise AlreadyAnswered from error


def find_answer(db: Session, device_id: str, request_id: str) -> Answer | None:
    """What a request was answered."""
    return db.get(Answer, (device_id, request_id))


def settle_answer(
    db: Session, device_id: str, request_id: str, *, status: int, outcome: dict[str, Any]
) -> None:
    """Write the outcome of an answer whose evaluation has ended."""
    db.execute(
        update(Answer)
        .where(Answer.device_id == device_id, Answer.request_id == request_id)
        .values(status=status, outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def add_unsent_push(db: Session, *, payload_sealed: bytes, now: datetime) -> None:
    """A push to nobody: the same insert as one to somebody (decision 41), already done with."""
    db.add(
        OutboxMessage(
            kind="push",
            recipient="",
            payload_sealed=payload_sealed,
            state="sent",
            due_at=now,
            created_at=now,
            done_at=now,
        )
    )


def _one(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
