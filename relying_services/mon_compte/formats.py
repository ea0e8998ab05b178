"""Numbers as the account writes them, besides those of every service."""

from datetime import date

from flask import Flask
from flask_babel import format_decimal

from relying_services.service.formats import CENTS, day

_QUARTER = 3
"""Months."""


def init_app(app: Flask) -> None:
    """Offer the formats to the pages."""
    app.add_template_filter(format_decimal, "count")
    app.add_template_filter(period)


def period(code: str) -> str:
    """What a payment is for, in words: `novembre 2026`, or `3e trimestre 2026`.

    Args:
        code: a month, `2026-11`, or a quarter, `2026-T3`.
    """
    year, part = code.split("-")
    if part.startswith("T"):
        return day(date(int(year), int(part[1:]) * _QUARTER, 1), "QQQQ y")
    return day(date(int(year), int(part), 1), "MMMM y")


def cents_told(cents: int) -> str:
    """An amount as a French spreadsheet reads it: `1234,50`."""
    whole, rest = divmod(abs(cents), CENTS)
    return f"{'-' if cents < 0 else ''}{whole},{rest:02}"
