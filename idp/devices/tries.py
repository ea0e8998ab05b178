"""How many wrong PINs, and what they cost (decision 19; phone-protocol, section 6).

Rounds of wrong PINs start waits, the last of them blocks; a cap over the credential's life blocks
besides. Only a full success resets the count: neither time nor another phone does.
"""

import hmac
from datetime import datetime, timedelta

from idp.devices.errors import Blocked, CloneSuspected, Locked, numeric_date
from idp.keys.sealing import sha256
from idp.settings import Settings
from idp.store.models import Device


def check_may_try(settings: Settings, device: Device, roll: bytes, now: datetime) -> None:
    """Refuse before any PIN is looked at: a stale copy first, then a locked phone.

    Raises:
        CloneSuspected: the rolling token is not the current one.
        Blocked: no try is left, for good.
        Locked: the waiting time runs.
    """
    if not hmac.compare_digest(sha256(roll), device.roll_hash):
        raise CloneSuspected
    if blocks(settings, device.failures, device.lifetime_failures):
        raise Blocked
    if device.locked_until is not None and device.locked_until > now:
        raise Locked(retry_at=numeric_date(device.locked_until))


def blocks(settings: Settings, failures: int, lifetime_failures: int) -> bool:
    """Whether so many wrong PINs, in a row or over a life, are too many."""
    return (
        failures >= settings.pin_max_failures or lifetime_failures >= settings.pin_lifetime_failures
    )


def ends_round(settings: Settings, failures: int) -> bool:
    """Whether this wrong PIN ends the sign-in and starts a wait."""
    return failures % settings.pin_tries_per_round == 0


def wait_after(settings: Settings, failures: int) -> timedelta | None:
    """The wait that so many wrong PINs in a row start."""
    if not ends_round(settings, failures):
        return None
    first_round = failures == settings.pin_tries_per_round
    return settings.pin_lock_first if first_round else settings.pin_lock_second


def tries_left(settings: Settings, failures: int) -> int:
    """Tries before the round ends."""
    return settings.pin_tries_per_round - failures % settings.pin_tries_per_round
