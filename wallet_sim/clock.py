"""The phone's only source of time."""

import time
from typing import Protocol

TOLERATED_DRIFT = 30
"""Seconds by which the phone may differ from the provider before it sets its clock."""


class TimeSource(Protocol):
    """Whatever tells the present time; tests give the provider's own clock."""

    def timestamp(self) -> int:
        """The present instant as a NumericDate (whole seconds UTC)."""


class SystemTime:
    """The time of the machine the phone runs on."""

    def timestamp(self) -> int:
        """The present instant as a NumericDate."""
        return int(time.time())


class PhoneClock:
    """A phone's clock, set from the network as real ones are.

    A simulation may move its time (decision 5): a phone that was not recognised asks for the
    signed configuration again and follows the instant written there.
    """

    def __init__(self, source: TimeSource | None = None) -> None:
        self._source = source or SystemTime()
        self._offset = 0

    def timestamp(self) -> int:
        """The present instant as a NumericDate."""
        return self._source.timestamp() + self._offset

    def follow(self, told: int) -> None:
        """Take over the provider's instant where the two differ by more than a little."""
        drift = told - self.timestamp()
        if abs(drift) >= TOLERATED_DRIFT:
            self._offset += drift


def monotonic() -> float:
    """Seconds for pacing and time-outs; never a date."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Wait between two looks at something outside this process."""
    time.sleep(seconds)
