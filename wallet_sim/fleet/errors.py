"""What a fleet refuses, in words that say what to do."""


class FleetError(Exception):
    """Anything that keeps a fleet from going on."""


class ProfileRefused(FleetError):
    """The profile is not one: each fault stands on a line of its own."""


class StateRefused(FleetError):
    """The state file is of another fleet, damaged, or used by another process."""


class ProviderUnfit(FleetError):
    """The provider cannot serve this profile as it stands."""


class PopulateFailed(FleetError):
    """Phones could not be enrolled; what was reached is kept, and the next run goes on."""
