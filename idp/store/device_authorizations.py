"""Devices that wait for their person to sign in elsewhere (RFC 8628)."""

from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from idp.store.models import Client, DeviceAuthorization
from idp.store.statements import changes_one, run, upsert, values_of

PENDING, APPROVED, DENIED = "pending", "approved", "denied"


def add_device_authorization(db: Session, row: DeviceAuthorization) -> bool:
    """Keep a waiting device; False where its user code is another one's already."""
    keep = upsert(db, DeviceAuthorization).on_conflict_do_nothing()
    # What comes back tells: psycopg counts no rows of such an insert.
    kept = run(db, keep.returning(DeviceAuthorization.device_code_hash), values_of(row))
    return kept.first() is not None


def find_device_authorization(db: Session, device_code_hash: bytes) -> DeviceAuthorization | None:
    """What became of a device code, also after it lapsed, until its row is deleted."""
    return db.scalars(_FIND, {"of": device_code_hash}).one_or_none()


def find_waiting_device(
    db: Session, user_code_hash: bytes, *, now: datetime
) -> tuple[DeviceAuthorization, Client] | None:
    """The device that shows a user code and still waits, and its client, disabled or not."""
    row = db.execute(_FIND_WAITING, {"of": user_code_hash, "now": now}).one_or_none()
    return None if row is None else (row[0], row[1])


def approve_device(db: Session, device_code_hash: bytes, grant_id: str, *, now: datetime) -> bool:
    """Give a waiting device what its person granted; False where it waits no more."""
    return changes_one(db, _APPROVE, {"of": device_code_hash, "grant": grant_id, "now": now})


def deny_device(db: Session, device_code_hash: bytes, *, now: datetime) -> bool:
    """Refuse a waiting device; False where it waits no more."""
    return changes_one(db, _DENY, {"of": device_code_hash, "now": now})


def note_poll(db: Session, device_code_hash: bytes, *, slower_by: int, now: datetime) -> None:
    """Remember that a device asked, and how many seconds more it must leave from now on."""
    run(db, _NOTE_POLL, {"of": device_code_hash, "slower_by": slower_by, "now": now})


def redeem_device(db: Session, device_code_hash: bytes, *, now: datetime) -> bool:
    """Spend a device code: True for exactly one caller, whatever number asks at once."""
    return changes_one(db, _REDEEM, {"of": device_code_hash, "now": now})


_THIS = DeviceAuthorization.device_code_hash == bindparam("of")
_LIVE = DeviceAuthorization.expires_at > bindparam("now")
_WAITING = (_THIS, _LIVE, DeviceAuthorization.state == PENDING)
_FIND = select(DeviceAuthorization).where(_THIS)
_FIND_WAITING = (
    select(DeviceAuthorization, Client)
    .join(Client, Client.client_id == DeviceAuthorization.client_id)
    .where(
        DeviceAuthorization.user_code_hash == bindparam("of"),
        DeviceAuthorization.state == PENDING,
        _LIVE,
    )
)
_APPROVE = (
    update(DeviceAuthorization).where(*_WAITING).values(state=APPROVED, grant_id=bindparam("grant"))
)
_DENY = update(DeviceAuthorization).where(*_WAITING).values(state=DENIED)
_NOTE_POLL = (
    update(DeviceAuthorization)
    .where(_THIS)
    .values(
        polled_at=bindparam("now"), interval=DeviceAuthorization.interval + bindparam("slower_by")
    )
)
_REDEEM = (
    update(DeviceAuthorization)
    .where(
        _THIS,
        _LIVE,
        DeviceAuthorization.state == APPROVED,
        DeviceAuthorization.redeemed_at.is_(None),
    )
    .values(redeemed_at=bindparam("now"))
)
