"""Moving the clock of a simulation forward or back (decision 5)."""

from datetime import timedelta

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store.world import clock_offset, move_clock

FURTHEST = timedelta(days=100 * 365)
"""How far from the present a clock may be: everything here lapses long before."""


class ClockTooFar(ValueError):
    """Near the ends of the calendar every request would fail, one that moves back included."""

    def __init__(self) -> None:
        super().__init__(f"the clock moves at most {FURTHEST.days} days from the present")


def advance(provider: Provider, db: Session, by: timedelta) -> None:
    """Move the clock, for whoever reads it after the transaction.

    Raises:
        ClockTooFar: it would stand further from the present than it may.
    """
    if abs(clock_offset(db) + by) > FURTHEST:
        raise ClockTooFar
    move_clock(db, by)
    record(db, Event.CLOCK_MOVED, now=provider.clock.now(), seconds=by.total_seconds())
