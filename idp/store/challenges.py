"""Challenges and what phones were answered: single use by conditional updates (decision 37)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import String, Update, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import Answer, Challenge, OutboxMessage
from idp.store.people import resolved
from idp.store.statements import changes_one, insert_row, run, values_of


class AlreadyAnswered(Exception):
    """A request was answered while another copy of it was looked at."""


def add_challenge(db: Session, challenge: Challenge) -> None:
    """Ask a new question; under a former identifier its person is asked (decision 36)."""
    values = values_of(challenge)
    challenge.national_id = str(run(db, _ADD, values | {"of": values.pop("national_id")}).scalar())


def find_challenge(db: Session, challenge_id: str) -> Challenge | None:
    """The question of that id, whatever its state."""
    return db.scalars(_FIND, {"of": challenge_id}).one_or_none()


def waiting_signins(
    db: Session, national_id: str, device_id: str, *, now: datetime, limit: int
) -> list[Challenge]:
    """The sign-ins that this phone may answer, newest first, no network taking all the places."""
    parameters = {"person": national_id, "device": device_id, "now": now, "limit": limit}
    return list(db.scalars(_WAITING, parameters))


def waiting_for_card(
    db: Session, national_id: str, *, now: datetime, limit: int
) -> list[Challenge]:
    """What a card of this person may answer, newest first, no client taking all the places."""
    parameters = {"person": national_id, "now": now, "limit": limit}
    return list(db.scalars(_WAITING_FOR_CARD, parameters))


def take_nonce(
    db: Session, challenge_id: str, *, device_id: str, nonce: str, fresh: str, now: datetime
) -> bool:
    """Use up a nonce: each allows one evaluation of a PIN."""
    return changes_one(
        db,
        _TAKE_NONCE,
        {"of": challenge_id, "device": device_id, "old": nonce, "fresh": fresh, "now": now},
    )


def decide(db: Session, challenge_id: str, *, state: str, now: datetime, **values: Any) -> bool:
    """Give a waiting challenge its outcome; once."""
    values |= {"state": state, "decided_at": now}
    given = {f"new_{name}": value for name, value in values.items()}
    return changes_one(db, _decide(tuple(values)), given | {"of": challenge_id, "now": now})


def finish_approved(
    db: Session, challenge_id: str, *, completion_hash: bytes | None, now: datetime
) -> Challenge | None:
    """Spend an approval; a same-device one needs the secret that the phone handed over."""
    parameters = {"of": challenge_id, "completion": completion_hash, "now": now}
    return db.scalars(_FINISH, parameters).one_or_none()


def cancel_waiting(db: Session, challenge_id: str) -> bool:
    """The browser that began gave up, before or after the approval."""
    return changes_one(db, _CANCEL, {"of": challenge_id})


def cancel_of_device(db: Session, device_id: str) -> None:
    """End what a phone began to answer, or approved and no browser has finished."""
    run(db, _CANCEL_OF_DEVICE, {"device": device_id})


def cancel_approved(db: Session, identifiers: Sequence[str]) -> None:
    """End what somebody approved and nothing came of yet, under each identifier of theirs."""
    approved = update(Challenge).where(
        Challenge.national_id.in_(identifiers), Challenge.state == "approved"
    )
    db.execute(approved.values(state="cancelled").execution_options(synchronize_session=False))


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
    answer = Answer(
        device_id=device_id,
        request_id=request_id,
        body_hash=body_hash,
        status=status,
        outcome=outcome,
        expires_at=expires_at,
    )
    try:
        insert_row(db, answer)
    except IntegrityError as error:
        raise AlreadyAnswered from error


def find_answer(db: Session, device_id: str, request_id: str) -> Answer | None:
    """What a request was answered."""
    return db.get(Answer, (device_id, request_id))


def settle_answer(
    db: Session, device_id: str, request_id: str, *, status: int, outcome: dict[str, Any]
) -> None:
    """Write the outcome of an answer whose evaluation has ended."""
    parameters = {"device": device_id, "request": request_id, "new": outcome, "status_": status}
    run(db, _SETTLE, parameters)


def add_unsent_push(db: Session, *, payload_sealed: bytes, now: datetime) -> None:
    """A push to nobody: the same insert as one to somebody (decision 41), already done with."""
    insert_row(
        db,
        OutboxMessage(
            kind="push",
            recipient="",
            payload_sealed=payload_sealed,
            state="sent",
            due_at=now,
            expires_at=now,
            created_at=now,
        ),
    )


@lru_cache
def _decide(names: tuple[str, ...]) -> Update:
    return (
        update(Challenge).where(*_WAITS).values({name: bindparam(f"new_{name}") for name in names})
    )


_ADD = (
    insert(Challenge)
    .values(national_id=select(resolved(bindparam("of", type_=String))).scalar_subquery())
    .returning(Challenge.national_id)
)
_THIS = Challenge.challenge_id == bindparam("of")
_LASTS = Challenge.expires_at > bindparam("now")
_WAITS = (_THIS, Challenge.state == "pending", _LASTS)
_OF_DEVICE = or_(Challenge.device_id.is_(None), Challenge.device_id == bindparam("device"))
_FIND = select(Challenge).where(_THIS)
_NEWEST_FIRST = (Challenge.created_at.desc(), Challenge.challenge_id)
# Each network in turn, known browsers before others: however many a stranger starts, they take
# the turns of their own networks only (decision 24).
_TURN = func.row_number().over(
    partition_by=(Challenge.known_browser, Challenge.asked_from), order_by=_NEWEST_FIRST
)
_IN_TURN = (
    select(Challenge.challenge_id)
    .where(
        Challenge.national_id == bindparam("person"),
        Challenge.state == "pending",
        Challenge.purpose == "signin",
        _LASTS,
        _OF_DEVICE,
    )
    .order_by(_TURN, Challenge.known_browser.desc(), *_NEWEST_FIRST)
    .limit(bindparam("limit"))
)
_WAITING = select(Challenge).where(Challenge.challenge_id.in_(_IN_TURN)).order_by(*_NEWEST_FIRST)
_CLIENTS_TURN = func.row_number().over(partition_by=Challenge.client_id, order_by=_NEWEST_FIRST)
_CARDS_IN_TURN = (
    select(Challenge.challenge_id)
    .where(
        Challenge.national_id == bindparam("person"),
        Challenge.state == "pending",
        Challenge.purpose == "ciba-card",
        _LASTS,
    )
    .order_by(_CLIENTS_TURN, *_NEWEST_FIRST)
    .limit(bindparam("limit"))
)
_WAITING_FOR_CARD = (
    select(Challenge).where(Challenge.challenge_id.in_(_CARDS_IN_TURN)).order_by(*_NEWEST_FIRST)
)
_TAKE_NONCE = (
    update(Challenge)
    .where(*_WAITS, Challenge.nonce == bindparam("old"), _OF_DEVICE)
    .values(nonce=bindparam("fresh"), device_id=bindparam("device"), tries=Challenge.tries + 1)
)
_FINISH = (
    update(Challenge)
    .where(
        _THIS,
        Challenge.state == "approved",
        _LASTS,
        or_(
            Challenge.completion_hash.is_(None),
            Challenge.completion_hash == bindparam("completion"),
        ),
    )
    .values(state="finished")
    .returning(Challenge)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_CANCEL = (
    update(Challenge)
    .where(_THIS, Challenge.state.in_(("pending", "approved")))
    .values(state="cancelled")
)
_CANCEL_OF_DEVICE = (
    update(Challenge)
    .where(
        Challenge.device_id == bindparam("device"),
        Challenge.state.in_(("pending", "approved")),
    )
    .values(state="cancelled")
)
_SETTLE = (
    update(Answer)
    .where(Answer.device_id == bindparam("device"), Answer.request_id == bindparam("request"))
    .values(status=bindparam("status_"), outcome=bindparam("new"))
)
