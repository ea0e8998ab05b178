"""A service that trusts the provider: an ordinary OpenID Connect client, nothing more.

It knows the issuer's address and its own registration; everything else comes from discovery.
"""

import secrets
from dataclasses import dataclass

from flask import Flask

from relying_services.clock import Clock
from relying_services.demo.kept import Kept
from relying_services.demo.sessions import Sessions
from relying_services.demo.software import bp as software
from relying_services.demo.views import bp
from relying_services.following import ClockSource, clock_of
from relying_services.service.ciba import Asked
from relying_services.service.logout_token import LogoutTokens
from relying_services.service.settings import cookie_name
from relying_services.service.web import web_app

COOKIE = "service_demo"


@dataclass(frozen=True)
class DemoSettings:
    """What a service must know to trust an issuer."""

    issuer: str
    client_id: str
    client_secret: str
    base_url: str
    """Public address of this service, without a slash at its end."""
    timeout: float = 10.0
    """Seconds that the provider may take to answer."""


def create_app(settings: DemoSettings, clock: Clock | None = None) -> Flask:
    """The service, signed-in sessions in its own memory: one process, one worker.

    Args:
        settings: whom it trusts, and where it stands.
        clock: tells the time; the machine's by default.
    """
    clock = clock or Clock()
    app = web_app(
        "demo",
        settings,
        clock,
        cookie=cookie_name(COOKIE, settings.base_url),
        key=secrets.token_bytes(32),
    )
    app.extensions["demo"] = settings
    app.extensions["demo.sessions"] = Sessions()
    app.extensions["demo.waiting"] = Kept[Asked]()
    app.extensions["demo.logout_tokens"] = LogoutTokens(settings.client_id, clock.timestamp)
    app.register_blueprint(bp)
    app.register_blueprint(software)
    return app


def create_app_beside(settings: DemoSettings, source: ClockSource | None) -> Flask:
    """The service, by the clock of a simulation where it is told of one: as a worker makes it."""
    return create_app(settings, clock_of(source))
