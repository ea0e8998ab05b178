"""Revoking an e-CPS by its revocation code: for whom the phone is lost, and the card too.

The code was given to the phone once, at activation, and written down by its holder.
"""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import origin, record
from idp.devices.lifecycle import LOST, revoke_device
from idp.devices.notices import tell_contacts
from idp.networks import factor_of, site_of
from idp.provider import Provider
from idp.store.devices import find_device_to_revoke
from idp.store.throttle import count_event

WINDOW = timedelta(hours=1)
"""In which the tries of an address are counted."""


class Revocation(StrEnum):
    """What became of a revocation code."""

    DONE = "done"
    UNKNOWN = "unknown"
    """No phone in use has it: mistyped, guessed, or used before."""
    THROTTLED = "throttled"
    """The address tried too many; the code was not looked at."""


def revoke_by_code(provider: Provider, db: Session, code_hash: bytes) -> Revocation:
    """Take the phone that a code belongs to out of use for good, sessions included (attack 42).

    Tries are counted by address, never by person: nobody else is kept from revoking.

    Args:
        provider: the provider.
        db: the transaction, which also keeps the count and what the journal holds of a refusal.
        code_hash: SHA-256 of the code, as it was made.
    """
    counted = _count(provider, db)
    limit = _limit(provider)
    if counted > limit:
        # Once a window: whoever goes on does not fill the journal.
        if counted == limit + 1:
            _refuse(provider, db, Revocation.THROTTLED)
        return Revocation.THROTTLED
    device = find_device_to_revoke(db, code_hash)
    if device is None or not revoke_device(provider, db, device, LOST):
        _refuse(provider, db, Revocation.UNKNOWN)
        return Revocation.UNKNOWN
    tell_contacts(provider, db, device.national_id, "revoked", phone=device.name)
    return Revocation.DONE


def _count(provider: Provider, db: Session) -> int:
    key = f"revocation:{site_of(origin.get().address)}"
    return count_event(db, key, window=WINDOW, now=provider.clock.now())


def _limit(provider: Provider) -> int:
    settings = provider.settings
    factor = factor_of(settings.address_limits, origin.get().address)
    return settings.revocation_tries_per_address * factor


def _refuse(provider: Provider, db: Session, reason: Revocation) -> None:
    now = provider.clock.now()
    record(db, Event.REVOCATION_REFUSED, now=now, success=False, reason=reason)
