"""Moving the clock of a simulation forward or back (decision 5)."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store.keys import all_keys
from idp.store.world import clock_offset, move_clock

FURTHEST = timedelta(days=100 * 365)
"""How far from the present a clock may be: everything here lapses long before."""


class ClockTooFar(ValueError):
    """Near the ends of the calendar every request would fail, one that moves back included."""

    def __init__(
        self, told: str = f"the clock moves at most {FURTHEST.days} days from the present"
    ) -> None:
        super().__init__(told)


class ClockBeforeKeys(ClockTooFar):
    """No key would be of age to sign: every request would fail."""

    def __init__(self, beginning: datetime) -> None:
        super().__init__(
            f"the clock does not go back before {beginning.isoformat(timespec='seconds')}, when "
            "the keys of this provider began: move it forward first, then back",
        )


def advance(provider: Provider, db: Session, by: timedelta) -> None:
    """Move the clock, for whoever reads it after the transaction.

    Raises:
        ClockTooFar: it would stand further from the present than it may.
        ClockBeforeKeys: it would stand before the first key of a purpose.
    """
    if abs(clock_offset(db) + by) > FURTHEST:
        raise ClockTooFar
    began = _keys_began(db)
    if by < timedelta(0) and began is not None and provider.clock.now() + by < began:
        raise ClockBeforeKeys(began)
    move_clock(db, by)
    record(db, Event.CLOCK_MOVED, now=provider.clock.now(), seconds=by.total_seconds())


def _keys_began(db: Session) -> datetime | None:
    """Since when each purpose has a key that may sign; None where there are no keys yet."""
    first: dict[str, datetime] = {}
    for key in all_keys(db):
        if key.state != "retired":
            first[key.purpose] = min(key.activates_at, first.get(key.purpose, key.activates_at))
    return max(first.values(), default=None)
