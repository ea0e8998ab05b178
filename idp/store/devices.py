"""Phones at rest: every change of a counter is one conditional statement (decision 37)."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import Answer, Challenge, Device, ThrottleWindow, World
from idp.store.statements import changes_one

IN_HAND = ("active", "suspended", "blocked")
"""States of a phone that is in use, or may come back."""


class KeyInUse(Exception):
    """A device key or credential id stands in another row already."""


def add_device(db: Session, device: Device) -> None:
    """Keep a new phone.

    Raises:
        KeyInUse: its device key or credential id is another phone's.
    """
    try:
        with db.begin_nested():
            db.add(device)
    except IntegrityError as error:
        raise KeyInUse from error


def find_device_for_request(
    db: Session, device_id: str, request_id: str, challenge_id: str | None
) -> tuple[Device, Answer | None, Challenge | None] | None:
    """The phone as it stands, what it was answered to this request before, and the question.

    All are detached: they keep their values where the transaction is rolled back.
    """
    parameters = {"of": device_id, "request": request_id, "challenge": challenge_id}
    row = db.execute(_FIND_FOR_REQUEST, parameters).one_or_none()
    if row is None:
        return None
    for found in row:
        if found is not None:
            db.expunge(found)
    return row[0], row[1], row[2]


def active_devices(db: Session, national_id: str, now: datetime) -> list[Device]:
    """The phones that may answer for a person, newest first."""
    return list(db.scalars(_ACTIVE, {"person": national_id, "now": now}))


def phones_to_tell(
    db: Session, national_id: str, *, limits: Mapping[str, int], now: datetime
) -> tuple[list[Device], bool]:
    """The active phones, newest first, and whether one of these counts is at its limit.

    One statement that finds a row also where there is no phone (decision 41).
    """
    given: dict[str, Any] = {"person": national_id, "now": now}
    for place, (key, limit) in enumerate(limits.items()):
        given |= {f"key_{place}": key, f"limit_{place}": limit}
    rows = db.execute(_to_tell(len(limits)), given).all()
    return [device for device, _ in rows if device is not None], bool(rows[0][1])


def rename_device(db: Session, device_id: str, name: str) -> bool:
    """Call a phone otherwise; False where it is not in use, or not any more."""
    return _change_in_use(db, device_id, name=name)


def change_revocation_hash(db: Session, device_id: str, revocation_hash: bytes) -> bool:
    """Put another revocation code in the place of the one before; False where it is of no use."""
    return _change_in_use(db, device_id, revocation_hash=revocation_hash)


def find_device_to_revoke(db: Session, revocation_hash: bytes) -> Device | None:
    """The phone that a revocation code belongs to, unless it ended already."""
    return db.scalar(
        select(Device).where(
            Device.revocation_hash == revocation_hash,
            Device.state.in_(IN_HAND),
        )
    )


def expire_devices(db: Session, now: datetime) -> list[tuple[str, str]]:
    """End the phones past their life; gives (device_id, national_id) of each."""
    rows = db.execute(
        update(Device)
        .where(Device.state == "active", Device.expires_at <= now)
        .values(state="expired", ended_at=now, push=None)
        .returning(Device.device_id, Device.national_id)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1]) for row in rows]


def devices_to_remind(
    db: Session, *, ends_before: datetime, reminder: int, now: datetime
) -> list[tuple[str, datetime]]:
    """Count this reminder for the phones that near their end and lack it.

    Gives (national_id, expires_at) of each. One that lacks earlier reminders gets this one alone.
    """
    rows = db.execute(
        update(Device)
        .where(
            Device.state == "active",
            Device.expires_at > now,
            Device.expires_at <= ends_before,
            Device.reminders_sent < reminder,
        )
        .values(reminders_sent=reminder)
        .returning(Device.national_id, Device.expires_at)
        .execution_options(synchronize_session=False)
    )
    return [(row[0], row[1]) for row in rows]


def take_try(
    db: Session,
    device: Device,
    *,
    roll_hash: bytes,
    next_roll_hash: bytes,
    request_id: str,
    failures: int,
    locked_until: datetime | None,
    limits: tuple[int, int],
    now: datetime,
) -> bool:
    """Count a PIN try before it is evaluated; refused when locked, blocked, or raced.

    ``failures`` is the number the try makes and ``locked_until`` the wait it would start.
    ``limits`` are the consecutive and lifetime wrong PINs that block.
    """
    parameters = {
        "of": device.device_id,
        "now": now,
        # A PIN change that was committed meanwhile left the PIN key that was read behind.
        "credential": device.credential_id,
        "roll": roll_hash,
        "next_roll": next_roll_hash,
        "before": failures - 1,
        "failures_": failures,
        "in_a_row": limits[0],
        "in_a_life": limits[1],
        "until": locked_until,
        "request": request_id,
    }
    return changes_one(db, _TAKE_TRY, parameters)


def settle_right_pin(
    db: Session, device_id: str, request_id: str, *, failures: int, told: int, sign_count: int
) -> bool:
    """The PIN was right: give the try back, and leave ``failures`` wrong ones standing."""
    parameters = {
        "of": device_id,
        "request": request_id,
        "failures_": failures,
        "told": told,
        "counter": sign_count,
    }
    return changes_one(db, _SETTLE_RIGHT_PIN, parameters)


def settle_wrong_pin(
    db: Session, device_id: str, request_id: str, *, blocked_at: datetime | None
) -> bool:
    """The PIN was wrong: the try stands, and the last one blocks the phone."""
    ending = {"state": "blocked", "state_reason": "pin", "ended_at": blocked_at}
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.last_request_id == request_id)
        .values(failures_told=Device.failures_told + 1, **(ending if blocked_at else {}))
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def begin_pin_change(
    db: Session, device_id: str, *, credential_id: str, pin_key_sealed: bytes
) -> None:
    """Let a new PIN key wait for its commit; one begun before is forgotten."""
    db.execute(
        update(Device)
        .where(Device.device_id == device_id)
        .values(next_credential_id=credential_id, next_pin_key_sealed=pin_key_sealed)
        .execution_options(synchronize_session=False)
    )


def end_device(db: Session, device_id: str, *, state: str, reason: str, now: datetime) -> bool:
    """Take an active phone, or one that may come back, out of use."""
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.state.in_(IN_HAND))
        .where(Device.state != state)
        .values(
            state=state,
            state_reason=reason,
            ended_at=now,
            push=None,
            next_credential_id=None,
            next_pin_key_sealed=None,
        )
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def set_push(db: Session, device_id: str, push: dict[str, Any] | None, now: datetime) -> None:
    """Change where a phone is told of challenges."""
    db.execute(
        update(Device)
        .where(Device.device_id == device_id)
        .values(push=push, last_seen_at=now)
        .execution_options(synchronize_session=False)
    )


def credential_in_use(db: Session, credential_id: str) -> bool:
    """Whether any phone, whatever its state, holds or awaits this credential id."""
    taken = or_(Device.credential_id == credential_id, Device.next_credential_id == credential_id)
    return db.scalar(select(Device.device_id).where(taken).limit(1)) is not None


def commit_pin_change(
    db: Session, device_id: str, credential_id: str, *, policy_version: int
) -> bool:
    """Switch to the PIN key that was begun; only while that very one waits."""
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.next_credential_id == credential_id)
        .values(
            credential_id=Device.next_credential_id,
            pin_key_sealed=Device.next_pin_key_sealed,
            pin_generation=Device.pin_generation + 1,
            next_credential_id=None,
            next_pin_key_sealed=None,
            lifetime_failures=0,
            policy_version=policy_version,
        )
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def roll_back_pin_change(db: Session, device_id: str) -> bool:
    """Forget a PIN key that was begun."""
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.next_credential_id.is_not(None))
        .values(next_credential_id=None, next_pin_key_sealed=None)
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def _change_in_use(db: Session, device_id: str, **values: Any) -> bool:
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.state.in_(IN_HAND))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def _one(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


_THIS = Device.device_id == bindparam("of")
_IN_USE = (Device.state == "active", Device.expires_at > bindparam("now"))
_FIND_FOR_REQUEST = (
    select(Device, Answer, Challenge)
    .outerjoin(
        Answer,
        and_(Answer.device_id == Device.device_id, Answer.request_id == bindparam("request")),
    )
    .outerjoin(Challenge, Challenge.challenge_id == bindparam("challenge"))
    .where(_THIS)
)
_ACTIVE = (
    select(Device)
    .where(Device.national_id == bindparam("person"), *_IN_USE)
    .order_by(Device.created_at.desc())
)
_TAKE_TRY = (
    update(Device)
    .where(
        _THIS,
        *_IN_USE,
        Device.credential_id == bindparam("credential"),
        or_(Device.locked_until.is_(None), Device.locked_until <= bindparam("now")),
        Device.roll_hash == bindparam("roll"),
        Device.failures == bindparam("before"),
        Device.failures < bindparam("in_a_row"),
        Device.lifetime_failures < bindparam("in_a_life"),
    )
    .values(
        failures=bindparam("failures_"),
        lifetime_failures=Device.lifetime_failures + 1,
        locked_until=bindparam("until"),
        roll_hash=bindparam("next_roll"),
        last_request_id=bindparam("request"),
        last_seen_at=bindparam("now"),
    )
)
_SETTLE_RIGHT_PIN = (
    update(Device)
    .where(_THIS, Device.last_request_id == bindparam("request"))
    .values(
        failures=bindparam("failures_"),
        failures_told=bindparam("told"),
        lifetime_failures=Device.lifetime_failures - 1,
        locked_until=None,
        sign_count=bindparam("counter"),
    )
)


@lru_cache
def _to_tell(keys: int) -> Select[Device, bool]:
    reached = or_(
        *(
            and_(
                ThrottleWindow.key == bindparam(f"key_{n}"),
                ThrottleWindow.count >= bindparam(f"limit_{n}"),
            )
            for n in range(keys)
        )
    )
    spent = exists().where(reached, ThrottleWindow.expires_at > bindparam("now"))
    own = and_(Device.national_id == bindparam("person"), *_IN_USE)
    return (
        select(Device, spent)
        .select_from(World)  # its one row is always there
        .outerjoin(Device, own)
        .where(World.id == 1)
        .order_by(Device.created_at.desc())
    )
