"""Development addresses (`--dev` only). Outside it none of them is routed."""

from flask import Flask

from idp.dev.ans import bp as ans
from idp.dev.cpam import bp as cpam
from idp.dev.guard import guard
from idp.dev.order import bp as order
from idp.dev.views import bp

for _part in (order, cpam, ans):
    bp.register_blueprint(_part)
bp.before_request(guard)


def init_app(app: Flask) -> None:
    """Route the development addresses behind their guard (decision 2)."""
    app.register_blueprint(bp, url_prefix="/dev/v1")
