"""After a run: what the provider holds of each phone, against what its behaviours caused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wallet_sim.dev_provider import DevProvider
from wallet_sim.errors import DeviceInactive
from wallet_sim.fleet.consequences import Consequence, Left
from wallet_sim.phone import Phone


@dataclass(frozen=True)
class HeldOfPhone:
    """What the provider holds of one phone."""

    left: Left | str
    """`fit`, `locked`, or a state that the fleet never causes."""
    wrong_pins: int
    """In a row, since the last success."""


@dataclass(frozen=True)
class Mismatch:
    """A phone that the provider holds otherwise than its behaviours caused."""

    national_id: str
    must: HeldOfPhone
    held: HeldOfPhone


def must_hold(last: Consequence) -> HeldOfPhone:
    """What the provider must hold after a phone's last sign-in of a run."""
    return HeldOfPhone(last.left, last.wrong_pins)


def present_instant(dev: DevProvider) -> datetime:
    """The provider's present time."""
    return datetime.fromisoformat(dev.ask("GET", "clock")["now"])


def ask_provider(
    dev: DevProvider, national_id: str, device_id: str | None, now: datetime
) -> HeldOfPhone:
    """What the development address tells of the phone."""
    for device in dev.ask("GET", f"people/{national_id}/devices")["devices"]:
        if device["device_id"] == device_id:
            return _of_device(device, now)
    return HeldOfPhone("unknown to the provider", 0)


def ask_phone(phone: Phone) -> HeldOfPhone:
    """What the provider tells the phone of itself, where it tells nobody else."""
    try:
        told = phone.status().provider
    except DeviceInactive as error:
        return HeldOfPhone(str(error.state), 0)
    until = told["locked_until"]
    is_locked = until is not None and until > phone.clock.timestamp()
    return HeldOfPhone("locked" if is_locked else "fit", told["failures_since_success"])


def _of_device(device: dict[str, Any], now: datetime) -> HeldOfPhone:
    if device["state"] != "active":
        return HeldOfPhone(device["state"], device["wrong_pins"])
    until = device["locked_until"]
    is_locked = until is not None and datetime.fromisoformat(until) > now
    return HeldOfPhone("locked" if is_locked else "fit", device["wrong_pins"])


def mismatches(
    pairs: Iterable[tuple[str, HeldOfPhone, HeldOfPhone]],
) -> list[Mismatch]:
    """Those whose two sides differ: identifier, what must be held, what is held."""
    return [Mismatch(*pair) for pair in pairs if pair[1] != pair[2]]
