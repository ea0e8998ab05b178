"""Amounts and moments as they are written; amounts are counted in whole cents."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date as date_in
from babel.dates import format_datetime as datetime_in
from flask import Flask
from flask_babel import format_currency, format_date, format_datetime, get_locale

from relying_services.paris import PARIS

CENTS = 100
"""Of a euro."""

_DAY = "d MMMM y"
_MOMENTS = {"fr": f"{_DAY} 'à' H\u00a0'h'\u00a0mm", "en": f"{_DAY}, HH:mm"}


def init_app(app: Flask) -> None:
    """Offer the formats to the pages."""
    app.add_template_filter(euros)
    app.add_template_filter(day)
    app.add_template_filter(moment)


def euros(cents: int) -> str:
    """An amount as the reader's language writes it: `1 234,50 €`."""
    amount: str = format_currency(Decimal(cents) / CENTS, "EUR")
    return amount


def day(when: date, pattern: str = _DAY) -> str:
    """A date with its month in words: `1er juillet 2026`."""
    return _ordinal(format_date(when, pattern), is_french=_is_french())


def moment(instant: datetime) -> str:
    """Day and time in Paris, to the minute: `1er juillet 2026 à 14 h 05`."""
    written = format_datetime(instant, _MOMENTS[get_locale().language])
    return _ordinal(written, is_french=_is_french())


def day_of_a_mail(when: date) -> str:
    """As `day`, in French whoever asks: mails and letters are, and some leave by a command."""
    return _ordinal(date_in(when, _DAY, locale="fr"), is_french=True)


def moment_of_a_mail(instant: datetime) -> str:
    """As `moment`, in French whoever asks."""
    written = datetime_in(instant, _MOMENTS["fr"], tzinfo=PARIS, locale="fr")
    return _ordinal(written, is_french=True)


def _is_french() -> bool:
    return str(get_locale()) == "fr"


def _ordinal(written: str, *, is_french: bool) -> str:
    """In French the first of a month is an ordinal, which CLDR's patterns do not know."""
    is_first = written.startswith("1 ") and is_french
    return f"1er{written[1:]}" if is_first else written
