"""Instants as people read and type them: by the clocks of France."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale

FRANCE = ZoneInfo("Europe/Paris")


class NotPast(ValueError):
    """What was typed is no date and time of the past."""

    def __init__(self, typed: str) -> None:
        super().__init__(f"{typed!r} is no local date and time of the past")


def init_app(app: Flask) -> None:
    """Offer both filters to every template."""
    app.add_template_filter(moment)
    app.add_template_filter(day)


def moment(instant: datetime) -> str:
    """Day and time, to the minute."""
    local = instant.astimezone(FRANCE)
    return _as_written(format_datetime(local, "d MMM y, HH:mm", rebase=False))


def day(instant: datetime) -> str:
    """A date as people write it; dates of cards are counted in UTC (MOS)."""
    return _as_written(format_date(instant, "d MMMM y"))


def read_past(typed: str, now: datetime) -> datetime:
    """An instant that has been, from a field of a local date and time (ISO 8601).

    Raises:
        NotPast: it is not one.
    """
    try:
        local = datetime.fromisoformat(typed)
        instant = local.replace(tzinfo=FRANCE).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the first minutes of year 1 have no UTC
        raise NotPast(typed) from error
    if local.tzinfo is not None or instant > now:
        raise NotPast(typed)
    return instant


def _as_written(date: str) -> str:
    """In French the first of a month is an ordinal, which CLDR's patterns do not know."""
    is_first = date.startswith("1 ") and str(get_locale()) == "fr"
    return f"1er{date[1:]}" if is_first else date
