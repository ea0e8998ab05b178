"""Development addresses (`--dev` only): outbox, clock. Outside it none of them is routed."""

from flask import Flask

from idp.dev.guard import guard
from idp.dev.views import bp

bp.before_request(guard)


def init_app(app: Flask) -> None:
    """Route the development addresses behind their guard (decision 2)."""
    app.register_blueprint(bp, url_prefix="/dev/v1")
