"""The plainest service: what every service has, and one page."""

from pathlib import Path

from flask import Blueprint, Flask, render_template_string
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from jinja2 import ChoiceLoader, DictLoader

from relying_services.clock import Clock
from relying_services.service.app import make_app
from relying_services.service.service import Kind, signed_in
from relying_services.service.settings import ServiceSettings

ORIGIN = "http://localhost:8088"
_BASE = "{% extends 'service/base.html' %}"
_PAGE = "{% extends 'plain/base.html' %}{% block title %}P{% endblock %}{% block main %}<h1>P</h1>"


def plain_service(settings: ServiceSettings, clock: Clock | None = None) -> Flask:
    """An application; each has a blueprint of its own, since one is registered once."""
    pages = Blueprint("plain", __name__)

    @pages.get("/")
    def home() -> ResponseReturnValue:
        row = signed_in()
        return render_template_string(_PAGE + "<p id=actor>{{ row.actor }}{% endblock %}", row=row)

    @pages.get("/elsewhere")
    def elsewhere() -> ResponseReturnValue:
        return f"elsewhere: {signed_in().actor}"

    @pages.post("/act")
    def act() -> ResponseReturnValue:
        return f"acted: {signed_in().actor}"

    app = make_app(Kind("plain", _l("Service"), "plain.home", (pages,)), settings, clock)
    own = DictLoader({"plain/base.html": _BASE})
    app.jinja_loader = ChoiceLoader([own, *([app.jinja_loader] if app.jinja_loader else [])])
    return app


def plain_settings(
    issuer: str, secret: str | None, folder: Path, **more: object
) -> ServiceSettings:
    given: dict[str, object] = {
        "base_url": ORIGIN,
        "database_url": f"sqlite:///{folder / 'plain.db'}",
    }
    return ServiceSettings(
        issuer=issuer,
        client_id="plain",
        client_secret=secret or "",
        **(given | more),  # type: ignore[arg-type]
    )
