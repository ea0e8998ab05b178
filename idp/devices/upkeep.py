"""What is done about a phone away from it: by its holder in the account, or by an operator."""

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.lifecycle import revoke_device
from idp.devices.notices import tell_contacts
from idp.provider import Provider
from idp.store.devices import change_revocation_hash, rename_device
from idp.store.models import Device

LONGEST_NAME = 60


def rename(provider: Provider, db: Session, device: Device, name: str) -> bool:
    """Call a phone otherwise, as its holder knows it; False where it is over."""
    if not rename_device(db, device.device_id, name):
        return False
    record(
        db,
        Event.DEVICE_RENAMED,
        now=provider.clock.now(),
        person=device.national_id,
        device_id=device.device_id,
    )
    return True


def revoke(provider: Provider, db: Session, device: Device, reason: str) -> bool:
    """Take a phone out of use for good, its holder being signed in; False where it was over.

    ``reason``: `holder`, who needs it no more, or `lost`, where it is in other hands: what it
    vouched for falls with it.
    """
    if not revoke_device(provider, db, device, reason):
        return False
    tell_contacts(provider, db, device.national_id, "revoked-portal", phone=device.name)
    return True


def revoke_by_operator(provider: Provider, db: Session, device: Device, reason: str) -> bool:
    """Take a phone out of use for good from the console, and tell its holder.

    ``reason``: `lost`, or `administrator`. False where it was over.
    """
    if not revoke_device(provider, db, device, reason):
        return False
    tell_contacts(provider, db, device.national_id, "revoked-operator", phone=device.name)
    return True


def change_revocation_code(
    provider: Provider, db: Session, device: Device, code_hash: bytes
) -> bool:
    """Let another code revoke a phone, and the one before no more; False where it is over.

    ``code_hash`` is the SHA-256 of the code as it was made. The contacts are told: whoever holds
    the code may end the e-CPS.
    """
    if not change_revocation_hash(db, device.device_id, code_hash):
        return False
    record(
        db,
        Event.REVOCATION_CODE_CHANGED,
        now=provider.clock.now(),
        person=device.national_id,
        device_id=device.device_id,
    )
    tell_contacts(provider, db, device.national_id, "revocation-code", phone=device.name)
    return True
