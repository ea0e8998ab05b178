"""What the assurance maladie knows of who bills: convention and tariff zone (CSS R161-53).

The chip carries both beside the billing number. Which département lies in which zone is this
simulation's own, simpler than any agreement: it is enough to tell tariffs apart.
"""

CONVENTIONS = ("1", "2", "3")
"""Sector 1; sector 1 with permanent right to exceed; sector 2."""
CONVENTION = "1"
"""That of whom nothing else is recorded."""
ZONES = ("10", "20", "40")
"""Every zone that has prices: no other one is recorded."""

_LARGE_CITIES = {"75", "69", "13"}
_OVERSEAS = ("97", "98")


def tariff_zone(department: str) -> str:
    """The zone of a département: `10` of the three largest cities, `40` overseas, else `20`."""
    if department in _LARGE_CITIES:
        return "10"
    return "40" if department.startswith(_OVERSEAS) else "20"
