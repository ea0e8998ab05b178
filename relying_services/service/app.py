"""The application of a service: what all of them have, with what one of them adds."""

import secrets
from http import HTTPStatus

from flask import Flask, abort, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from relying_services.clock import Clock
from relying_services.service import csrf, formats, once, pages, sign_in, sign_out
from relying_services.service.logout_token import LogoutTokens
from relying_services.service.service import EXTENSION, Kind, Service, cookie_key
from relying_services.service.settings import ServiceSettings
from relying_services.service.store.database import Store
from relying_services.service.web import web_app

SIGNING = (sign_in, sign_out)
"""Where the addresses of the blueprint `sign_in` are defined."""


def make_app(kind: Kind, settings: ServiceSettings, clock: Clock | None = None) -> Flask:
    """A service of a kind, its database brought up to date.

    Args:
        kind: which service.
        settings: of this one.
        clock: tells the time; the machine's by default.

    Raises:
        SensitiveTakesNoPassword: as the settings say (EC-09).
    """
    settings.check()
    clock = clock or Clock()
    app = web_app(
        kind.name,
        settings,
        clock,
        cookie=settings.cookie(kind.name),
        key=cookie_key(settings.client_secret),
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign] # as Flask's documentation has it
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0
        )
    store = Store(settings.database_url, kind.tables)
    store.upgrade()
    service = Service(
        kind=kind,
        settings=settings,
        store=store,
        clock=clock,
        logout_tokens=LogoutTokens(settings.client_id, clock.timestamp),
    )
    app.extensions[EXTENSION] = service
    app.before_request(_hold_to_text)
    csrf.init_app(app, exempt=frozenset({"sign_in.backchannel_logout"}))
    once.init_app(app)
    pages.init_app(app, service)
    formats.init_app(app)
    app.before_request(_number)
    for blueprint in (sign_in.bp, *kind.blueprints):
        app.register_blueprint(blueprint)
    return app


def service_of(app: Flask) -> Service:
    """The service that an application is."""
    service: Service = app.extensions[EXTENSION]
    return service


def _hold_to_text() -> None:
    """Refuse a NUL, which PostgreSQL keeps in no text: not even a refusal could be traced."""
    typed = (*request.args.items(multi=True), *request.form.items(multi=True))
    if any("\0" in text for text in (request.path, *(each for pair in typed for each in pair))):
        abort(HTTPStatus.BAD_REQUEST)


def _number() -> None:
    g.request_id = secrets.token_hex(8)
