"""Days as they are counted in France: a delegation begins and ends at midnight in Paris (EP-11)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day_of(instant: datetime) -> date:
    """The day in Paris on which an aware instant falls."""
    return instant.astimezone(PARIS).date()


def begin_of(day: date) -> datetime:
    """The first instant of a day in Paris."""
    return datetime.combine(day, time(), PARIS)


def end_of(day: date) -> datetime:
    """The first instant after a day in Paris: the day itself is included."""
    return begin_of(day + timedelta(days=1))
