"""Amounts and moments as they are written; amounts are counted in whole cents."""

from decimal import Decimal

from flask import Flask
from flask_babel import format_currency, format_date, format_datetime

CENTS = 100
"""Of a euro."""


def init_app(app: Flask) -> None:
    """Offer the formats to the pages."""
    app.add_template_filter(euros)
    app.add_template_filter(format_date, "day")
    app.add_template_filter(format_datetime, "moment")


def euros(cents: int) -> str:
    """An amount as the reader's language writes it: `1 234,50 €`."""
    amount: str = format_currency(Decimal(cents) / CENTS, "EUR")
    return amount
