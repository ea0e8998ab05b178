"""The services' only source of time."""

from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's time, moved by an offset where a simulation says so."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    def timestamp(self) -> float:
        """The present instant, in seconds since 1970."""
        return self.now().timestamp()

    def look(self) -> None:
        """Make sure of the time, before what no older one may judge: the machine's is never old."""

    def move(self, delta: timedelta) -> None:
        """Go on by some time, or back by a negative one."""
        self.offset += delta
