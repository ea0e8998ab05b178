"""The provider's clock, which a test moves instead of waiting (decision 5)."""

from datetime import datetime, timedelta

from wallet_sim.dev_provider import DevProvider


class ProviderClock:
    """The clock of one provider. The machine's, and the service's, stay as they are."""

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def now(self) -> datetime:
        """The provider's present instant."""
        return datetime.fromisoformat(self._provider.ask("GET", "clock")["now"])

    def timestamp(self) -> float:
        """The provider's present instant as a NumericDate: for a service that goes by it.

        `monkeypatch.setattr(service, "now", psc.clock.timestamp)` moves both clocks together.
        """
        return self.now().timestamp()

    def advance(
        self,
        by: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Let time pass, and what became due be done; gives the new instant.

        Args:
            by: how long; or in the units.
            days: of 24 hours.
            hours: of 60 minutes.
            minutes: of 60 seconds.
            seconds: as they are; negative ones move the clock back.

        Raises:
            DevelopmentRefused: further than a clock may stand, or before the provider began.
        """
        given = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        total = given + (by or timedelta())
        self._provider.ask("POST", "clock", {"advance": total.total_seconds()})
        self._provider.ask("POST", "jobs")
        return self.now()
