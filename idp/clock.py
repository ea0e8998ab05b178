"""The only source of time.

Every lifetime, limit and journal entry asks the clock, so that a simulation can move time
(decision 5). Outside ``--dev`` the offset stays zero for good.
"""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time in UTC, moved by an offset that a simulation database holds."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The present instant, timezone-aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def timestamp(self) -> int:
        """The present instant as a JWT NumericDate (whole seconds)."""
        return int(self.now().timestamp())

    def synchronise(self, offset: timedelta) -> None:
        """Take over the offset read from the database, at the start of a request or job."""
        self._offset = offset


def monotonic() -> float:
    """Seconds for measuring durations and pacing loops; never a date."""
    return time.monotonic()
