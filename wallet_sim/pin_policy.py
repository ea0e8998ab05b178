"""What a PIN must be when it is chosen; never applied when one is entered (decision 22)."""

from itertools import pairwise

from wallet_sim.documents import Policy
from wallet_sim.errors import PinRefused


def require_allowed(pin: bytearray, policy: Policy) -> None:
    """Refuse a PIN that the signed policy forbids.

    Raises:
        PinRefused: wrong length, one digit only, or digits in a row.
    """
    if not policy.pin_min <= len(pin) <= policy.pin_max:
        raise PinRefused("length", f"a PIN has {policy.pin_min} to {policy.pin_max} digits")
    steps = {after - before for before, after in pairwise(pin)}
    if "repeated" in policy.forbid and steps == {0}:
        raise PinRefused("repeated", "a PIN is not one digit repeated")
    if "sequence" in policy.forbid and steps in ({1}, {-1}):
        raise PinRefused("sequence", "a PIN is not a run of digits")
