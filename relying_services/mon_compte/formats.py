"""Numbers as the account writes them, besides those of every service."""

from flask import Flask
from flask_babel import format_decimal

from relying_services.service.formats import CENTS


def init_app(app: Flask) -> None:
    """Offer the formats to the pages."""
    app.add_template_filter(format_decimal, "count")


def cents_told(cents: int) -> str:
    """An amount as a French spreadsheet reads it: `1234,50`."""
    whole, rest = divmod(abs(cents), CENTS)
    return f"{'-' if cents < 0 else ''}{whole},{rest:02}"
