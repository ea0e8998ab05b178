"""Phones at rest: every change of a counter is one conditional statement (decision 37)."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.store.models import Answer, Device


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
    db: Session, device_id: str, request_id: str
) -> tuple[Device, Answer | None] | None:
    """The phone as it stands, with what it was answered to this request before.

    Both are detached: they keep their values where the transaction is rolled back.
    """
    row = db.execute(
        select(Device, Answer)
        .outerjoin(
            Answer, and_(Answer.device_id == Device.device_id, Answer.request_id == request_id)
        )
        .where(Device.device_id == device_id)
    ).one_or_none()
    if row is None:
        return None
    device, answer = row
    db.expunge(device)
    if answer is not None:
        db.expunge(answer)
    return device, answer


def active_devices(db: Session, national_id: str, now: datetime) -> list[Device]:
    """The phones that may answer for a person, newest first."""
    return list(
        db.scalars(
            select(Device)
            .where(
                Device.national_id == national_id,
                Device.state == "active",
                Device.expires_at > now,
            )
            .order_by(Device.created_at.desc())
        )
    )


def devices_of_person(db: Session, national_id: str) -> list[Device]:
    """Every phone a person ever had that is still on record, newest first."""
    return list(
        db.scalars(
            select(Device)
            .where(Device.national_id == national_id)
            .order_by(Device.created_at.desc())
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
    changed = db.execute(
        update(Device)
        .where(
            Device.device_id == device.device_id,
            Device.state == "active",
            Device.expires_at > now,
            or_(Device.locked_until.is_(None), Device.locked_until <= now),
            Device.roll_hash == roll_hash,
            Device.failures == failures - 1,
            Device.failures < limits[0],
            Device.lifetime_failures < limits[1],
        )
        .values(
            failures=failures,
            lifetime_failures=Device.lifetime_failures + 1,
            locked_until=locked_until,
            roll_hash=next_roll_hash,
            last_request_id=request_id,
            last_seen_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


def settle_right_pin(
    db: Session, device_id: str, request_id: str, *, failures: int, told: int, sign_count: int
) -> bool:
    """The PIN was right: give the try back, and leave ``failures`` wrong ones standing."""
    changed = db.execute(
        update(Device)
        .where(Device.device_id == device_id, Device.last_request_id == request_id)
        .values(
            failures=failures,
            failures_told=told,
            lifetime_failures=Device.lifetime_failures - 1,
            locked_until=None,
            sign_count=sign_count,
        )
        .execution_options(synchronize_session=False)
    )
    return _one(changed)


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
        .where(Device.device_id == device_id, Device.state.in_(("active", "suspended", "blocked")))
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
    return (
        db.scalar(select(Device.device_id).where(Device.credential_id == credential_id)) is not None
    )


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


def _one(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
