"""Days as they are counted in France: a delegation begins and ends at midnight in Paris (EP-11)."""

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_YEAR = 12
"""Months."""


def day_of(instant: datetime) -> date:
    """The day in Paris on which an aware instant falls."""
    return instant.astimezone(PARIS).date()


def months_after(day: date, months: int) -> date:
    """The same day of the month, some months later, or before by a negative number.

    A day that the month does not have is its last one: ten months before 31 August is 31 October,
    eleven months before it 30 September.
    """
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
