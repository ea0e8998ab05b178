"""The ends of a phone: revoked, suspended, expired. Its approvals and sessions end with it."""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.notices import tell_contacts
from idp.outbox.queue import enqueue_push
from idp.provider import Provider
from idp.security_keys.lifecycle import PHONE_LOST, PHONE_SUSPENDED, suspend_keys_of_phone
from idp.sessions import end_sessions_of_device
from idp.store.challenges import cancel_of_device
from idp.store.devices import devices_to_remind, end_device, expire_devices
from idp.store.models import Device

LOST = "lost"
"""Why a phone is revoked whose holder has it no more."""


def revoke_device(provider: Provider, db: Session, device: Device, reason: str) -> bool:
    """Take a phone out of use for good; False when it was already.

    ``reason``: `replaced`, `deleted` (on the phone), `lost` (by its revocation code), `holder` (on
    the account page), `administrator`, or of its holder `struck-off`, `gone` (from the directory).
    """
    if not _end(provider, db, device, state="revoked", reason=reason):
        return False
    record(
        db,
        Event.DEVICE_REVOKED,
        now=provider.clock.now(),
        person=device.national_id,
        device_id=device.device_id,
        reason=reason,
    )
    if reason == LOST:
        _suspend_keys(provider, db, device, PHONE_LOST)
    if device.push is not None:
        # A hint: the phone asks, and is told that it is no longer active.
        handle = secrets.token_urlsafe(16)
        enqueue_push(
            provider, db, device_id=device.device_id, subscription=device.push, handle=handle
        )
    return True


def suspend_device(provider: Provider, db: Session, device: Device, reason: str) -> bool:
    """Stop a phone that may not be in its person's hands, and tell the person.

    ``reason``: `stale-roll` or `counter`, where a copy of its keys seems to be in use, or
    `card-opposed`, where a lost card vouched for it (decision 32). False when it was ended or
    suspended already.
    """
    if not _end(provider, db, device, state="suspended", reason=reason):
        return False
    record(
        db,
        Event.DEVICE_SUSPENDED,
        now=provider.clock.now(),
        success=False,
        person=device.national_id,
        device_id=device.device_id,
        reason=reason,
    )
    _suspend_keys(provider, db, device, PHONE_SUSPENDED)
    notice = "suspended-card" if reason == "card-opposed" else "suspended"
    tell_contacts(provider, db, device.national_id, notice)
    return True


def expire(provider: Provider, db: Session) -> int:
    """End the phones past their life (EC-27); gives their number."""
    now = provider.clock.now()
    expired = expire_devices(db, now)
    for device_id, national_id in expired:
        cancel_of_device(db, device_id)
        end_sessions_of_device(provider, db, device_id, reason="expired")
        record(
            db,
            Event.DEVICE_REVOKED,
            now=now,
            person=national_id,
            device_id=device_id,
            reason="expired",
        )
    return len(expired)


def remind(provider: Provider, db: Session) -> int:
    """Write to the holders of phones that near their end (EC-27); gives their number."""
    now = provider.clock.now()
    leads = sorted(provider.settings.device_reminders, reverse=True)
    told = 0
    # The last one first: who missed the earlier ones is written to once.
    for reminder, days in reversed(list(enumerate(leads, start=1))):
        ends_before = now + timedelta(days=days)
        near = devices_to_remind(db, ends_before=ends_before, reminder=reminder, now=now)
        for national_id, expires_at in near:
            tell_contacts(provider, db, national_id, "expiring", date=f"{expires_at:%d/%m/%Y}")
        told += len(near)
    return told


def _suspend_keys(provider: Provider, db: Session, device: Device, reason: str) -> None:
    """Security keys that the phone vouched for fall with it (decision 32)."""
    suspend_keys_of_phone(provider, db, device.national_id, device.device_id, reason=reason)


def _end(provider: Provider, db: Session, device: Device, *, state: str, reason: str) -> bool:
    now = provider.clock.now()
    if not end_device(db, device.device_id, state=state, reason=reason, now=now):
        return False
    cancel_of_device(db, device.device_id)
    end_sessions_of_device(provider, db, device.device_id, reason=reason)
    return True
