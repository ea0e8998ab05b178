"""The application of a service: what all of them have, with what one of them adds."""

import secrets
from pathlib import Path

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale

from relying_services import design
from relying_services.clock import Clock
from relying_services.service import csrf, pages
from relying_services.service.logout_token import LogoutTokens
from relying_services.service.service import EXTENSION, Kind, Service, cookie_key
from relying_services.service.settings import ServiceSettings
from relying_services.service.sign_in import bp as sign_in
from relying_services.service.store.database import Store

_PACKAGE = Path(__file__).parents[1]
_PACKAGED = _PACKAGE / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent / "templates" / "relying_services"

_LARGEST = 64 * 1024


def make_app(kind: Kind, settings: ServiceSettings, clock: Clock | None = None) -> Flask:
    """A service of a kind, its database brought up to date.

    Args:
        kind: which service.
        settings: of this one.
        clock: tells the time; the machine's by default.
    """
    app = Flask(kind.name, template_folder=str(TEMPLATES), static_folder=None)
    app.secret_key = cookie_key(settings.client_secret)
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST,
        SESSION_COOKIE_NAME=settings.cookie(kind.name),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        BABEL_TRANSLATION_DIRECTORIES=str(_PACKAGE / "translations"),
    )
    store = Store(settings.database_url, kind.tables)
    store.upgrade()
    service = Service(
        kind=kind,
        settings=settings,
        store=store,
        clock=clock or Clock(),
        logout_tokens=LogoutTokens(settings.client_id),
    )
    app.extensions[EXTENSION] = service
    Babel(app, locale_selector=_language)
    app.add_template_global(get_locale)
    _trust(app, settings)
    design.init_app(app)
    csrf.init_app(app, exempt=frozenset({"sign_in.backchannel_logout"}))
    pages.init_app(app, service)
    app.before_request(_number)
    app.after_request(_protect)
    for blueprint in (sign_in, *kind.blueprints):
        app.register_blueprint(blueprint)
    return app


def service_of(app: Flask) -> Service:
    """The service that an application is."""
    service: Service = app.extensions[EXTENSION]
    return service


def _trust(app: Flask, settings: ServiceSettings) -> None:
    OAuth(app).register(
        name="psc",
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer}/.well-known/wallet-openid-configuration",
        client_kwargs={
            "scope": "openid scope_all",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": settings.timeout,
        },
    )


def _language() -> str:
    return request.accept_languages.best_match(["fr", "en"], default="fr")


def _number() -> None:
    g.request_id = secrets.token_hex(8)


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
