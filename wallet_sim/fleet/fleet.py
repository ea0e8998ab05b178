"""What every part of a fleet works with."""

from dataclasses import dataclass

from wallet_sim.dev_provider import DevProvider
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.phones import Phones
from wallet_sim.fleet.profile import Profile
from wallet_sim.fleet.state import FleetState
from wallet_sim.fleet.wire import Wire


@dataclass(frozen=True)
class Fleet:
    """An open fleet."""

    profile: Profile
    state: FleetState
    wire: Wire
    phones: Phones
    measures: Measures
    dev: DevProvider | None
    """The provider's development addresses; None where its secret is not known."""
