"""To be written."""

from flask import Flask


def init_app(app: Flask) -> None:
    """To be written."""
    del app
