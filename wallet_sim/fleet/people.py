"""Who holds the phones: invented people, asked of the provider's development address."""

import secrets

from wallet_sim.dev_provider import DevelopmentRefused, DevProvider
from wallet_sim.documents import Policy
from wallet_sim.errors import PinRefused
from wallet_sim.fleet.errors import ProfileRefused, ProviderUnfit
from wallet_sim.fleet.profile import EACH, Profile
from wallet_sim.fleet.state import FleetState
from wallet_sim.pin_policy import require_allowed

_AT_ONCE = 500
"""People of one request: some seconds of the provider's time."""
_USUAL_PIN = 6  # digits, where the policy allows it


def make_people(profile: Profile, state: FleetState, dev: DevProvider, policy: Policy) -> int:
    """Make the people that the profile wants and the state file lacks; gives how many.

    Raises:
        ProviderUnfit: the provider refuses to make them.
        ProfileRefused: the profile's PIN breaks the provider's policy.
    """
    if profile.people.pin != EACH:
        _require_allowed(profile.people.pin, policy)
    missing = profile.people.count - len(state.holders())
    for made in range(0, max(0, missing), _AT_ONCE):
        wanted: dict[str, object] = {"count": min(_AT_ONCE, missing - made)}
        if profile.people.profession is not None:
            wanted["profession"] = profile.people.profession
        try:
            people = dev.ask("POST", "people/bulk", wanted)["people"]
        except DevelopmentRefused as error:
            raise ProviderUnfit(f"the provider makes no people: {error}") from error
        state.add([(each["national_id"], _pin(profile, policy)) for each in people])
    return max(0, missing)


def _require_allowed(pin: str, policy: Policy) -> None:
    try:
        require_allowed(bytearray(pin.encode()), policy)
    except PinRefused as error:
        raise ProfileRefused(f"people.pin: {error}") from error


def _pin(profile: Profile, policy: Policy) -> str:
    if profile.people.pin != EACH:
        return profile.people.pin
    length = max(policy.pin_min, min(_USUAL_PIN, policy.pin_max))
    while True:
        pin = f"{secrets.randbelow(10**length):0{length}d}"
        try:
            require_allowed(bytearray(pin.encode()), policy)
        except PinRefused:
            continue
        return pin
