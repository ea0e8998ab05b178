"""The only source of time.

Every lifetime, limit and journal entry asks the clock, so that a simulation can move time
(decision 5). Outside ``--dev`` the offset stays zero for good.
"""

import threading
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time in UTC, moved by an offset that a simulation database holds.

    Each thread keeps the offset that it read itself: another one, which read it before it was
    moved and comes to it late, takes nobody back. A thread that never read it has the last known.
    """

    def __init__(self) -> None:
        self._last = timedelta(0)
        self._own = threading.local()

    def now(self) -> datetime:
        """The present instant, timezone-aware, in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def offset(self) -> timedelta:
        """How far this thread's time stands from the machine's."""
        own: timedelta = getattr(self._own, "offset", self._last)
        return own

    def timestamp(self) -> int:
        """The present instant as a JWT NumericDate (whole seconds)."""
        return int(self.now().timestamp())

    def synchronise(self, offset: timedelta) -> None:
        """Take over the offset read from the database, at the start of a request or job."""
        self._last = self._own.offset = offset


def monotonic() -> float:
    """Seconds for measuring durations and pacing loops; never a date."""
    return time.monotonic()
