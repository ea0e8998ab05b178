"""What the person who holds the phone sees besides it: the sign-in page, and a clock."""

from datetime import datetime
from typing import Protocol

from wallet_sim.dev_provider import DevProvider


class Sight(Protocol):
    """The eyes of the person before the page."""

    def shown_number(self, challenge_id: str) -> str | None:
        """The number that the sign-in page shows; None where it shows none."""

    def now(self) -> float:
        """The present instant in the provider's world, a NumericDate with fractions."""


class DevSight:
    """What a `--dev` provider tells of its pages and its clock, to who has its secret.

    Args:
        provider: its development addresses.
    """

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def shown_number(self, challenge_id: str) -> str | None:
        """The number that the sign-in page shows."""
        return self._provider.shown_number(challenge_id)

    def now(self) -> float:
        """The provider's own time, which a test may have moved."""
        return datetime.fromisoformat(self._provider.ask("GET", "clock")["now"]).timestamp()
