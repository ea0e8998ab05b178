"""Security keys, and the ceremonies in which they are registered and used."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from idp.store.models import Device, KeyCeremony, SecurityKey
from idp.store.statements import changes_one, insert_row, upsert, values_of

_LIVE = ("active", "suspended")


def add_ceremony(db: Session, ceremony: KeyCeremony) -> None:
    """Keep a challenge that was given to a browser."""
    insert_row(db, ceremony)


def take_ceremony(
    db: Session,
    challenge_hash: bytes,
    *,
    purpose: str,
    holder_kind: str,
    bound_to: bytes,
    now: datetime,
) -> KeyCeremony | None:
    """Spend a ceremony: for one answer only, and never one that lapsed or is another page's."""
    return db.scalars(
        delete(KeyCeremony)
        .where(
            KeyCeremony.challenge_hash == challenge_hash,
            KeyCeremony.purpose == purpose,
            KeyCeremony.holder_kind == holder_kind,
            KeyCeremony.bound_to == bound_to,
            KeyCeremony.expires_at > now,
        )
        .returning(KeyCeremony)
        .execution_options(synchronize_session=False)
    ).one_or_none()


def add_key(db: Session, key: SecurityKey) -> bool:
    """Keep a new key; False where one of its id was ever registered, by whomever."""
    insert = upsert(db, SecurityKey).values(values_of(key)).on_conflict_do_nothing()
    added = db.scalars(insert.returning(SecurityKey.credential_id))
    return added.one_or_none() is not None


def find_key(db: Session, credential_id: str, *, holder_kind: str) -> SecurityKey | None:
    """A key of this kind of holder, whatever its state."""
    return db.scalars(
        select(SecurityKey)
        .where(SecurityKey.credential_id == credential_id, SecurityKey.holder_kind == holder_kind)
        .execution_options(populate_existing=True)
    ).one_or_none()


def keys_of(db: Session, holder_kind: str, holders: Sequence[str]) -> list[SecurityKey]:
    """The keys that stand under these names and were not removed, oldest first."""
    return list(
        db.scalars(
            select(SecurityKey)
            .where(
                SecurityKey.holder_kind == holder_kind,
                SecurityKey.holder.in_(holders),
                SecurityKey.state.in_(_LIVE),
            )
            .order_by(SecurityKey.created_at, SecurityKey.credential_id)
            .execution_options(populate_existing=True)
        )
    )


def use_key(
    db: Session, credential_id: str, *, sign_count: int, backed_up: bool, now: datetime
) -> bool:
    """Count one use of an active key whose counter went on, or that has none (WebAuthn 3, 7.2)."""
    used = {"of": credential_id, "count": sign_count, "copied_up": backed_up, "now": now}
    return changes_one(db, _USE, used)


def rename_key(db: Session, credential_id: str, *, name: str) -> bool:
    """Call a key otherwise; False where it was removed."""
    return changes_one(db, _RENAME, {"of": credential_id, "called": name})


def remove_key(db: Session, credential_id: str, *, reason: str, now: datetime) -> bool:
    """Take a key out of use for good; False when it was already."""
    return changes_one(db, _REMOVE, {"of": credential_id, "why": reason, "now": now})


def suspend_key(db: Session, credential_id: str, *, reason: str) -> bool:
    """Stop an active key; False when it was stopped or removed already."""
    return changes_one(db, _SUSPEND, {"of": credential_id, "why": reason})


def hold_active_device(db: Session, device_id: str) -> bool:
    """Keep a phone as it is until this transaction ends; False where it is no longer in use.

    Its end at the same moment waits, and finds what this transaction did.
    """
    return changes_one(db, _HOLD_DEVICE, {"of": device_id})


_OF = SecurityKey.credential_id == bindparam("of")
_USE = (
    update(SecurityKey)
    .where(
        _OF,
        SecurityKey.state == "active",
        or_(
            SecurityKey.sign_count < bindparam("count"),
            and_(SecurityKey.sign_count == 0, bindparam("count") == 0),
        ),
    )
    .values(
        sign_count=bindparam("count"),
        backed_up=bindparam("copied_up"),
        last_used_at=bindparam("now"),
    )
)
_RENAME = (
    update(SecurityKey).where(_OF, SecurityKey.state.in_(_LIVE)).values(name=bindparam("called"))
)
_REMOVE = (
    update(SecurityKey)
    .where(_OF, SecurityKey.state.in_(_LIVE))
    .values(state="removed", state_reason=bindparam("why"), ended_at=bindparam("now"))
)
_SUSPEND = (
    update(SecurityKey)
    .where(_OF, SecurityKey.state == "active")
    .values(state="suspended", state_reason=bindparam("why"))
)
_HOLD_DEVICE = (
    update(Device)
    .where(Device.device_id == bindparam("of"), Device.state == "active")
    .values(state="active")
)
