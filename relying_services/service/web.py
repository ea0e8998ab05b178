"""What any application here is made of: a Flask application that trusts the provider by OIDC."""

from functools import partial
from pathlib import Path
from typing import Protocol

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale

from relying_services import design
from relying_services.clock import Clock
from relying_services.service.client import StrictClient
from relying_services.service.form_targets import form_action

_PACKAGE = Path(__file__).parents[1]
_PACKAGED = _PACKAGE / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent / "templates" / "relying_services"

_LARGEST = 64 * 1024


class Trusting(Protocol):
    """What an application must know to be a client of the provider."""

    @property
    def issuer(self) -> str:
        """The provider's address, from which discovery tells the rest."""

    @property
    def client_id(self) -> str:
        """Of this application."""

    @property
    def client_secret(self) -> str:
        """Of this application."""

    @property
    def base_url(self) -> str:
        """Public address of this application, without a slash at its end."""

    @property
    def timeout(self) -> float:
        """Seconds that the provider may take to answer."""


def web_app(name: str, settings: Trusting, clock: Clock, *, cookie: str, key: bytes) -> Flask:
    """An application with its design, its languages, its headers, and the provider as `psc`.

    Args:
        name: of the application.
        settings: whom it trusts, and where it stands.
        clock: by which the provider's tokens are judged.
        cookie: name of its cookie.
        key: signs the cookie.
    """
    app = Flask(name, template_folder=str(TEMPLATES), static_folder=None)
    app.secret_key = key
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST,
        SESSION_COOKIE_NAME=cookie,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE="Europe/Paris",
        BABEL_TRANSLATION_DIRECTORIES=str(_PACKAGE / "translations"),
    )
    Babel(app, locale_selector=_language)
    app.add_template_global(get_locale)
    psc = _trust(app, settings, clock)
    design.init_app(app)
    app.after_request(partial(_protect, settings.issuer, psc))
    return app


def _trust(app: Flask, settings: Trusting, clock: Clock) -> StrictClient:
    psc: StrictClient = OAuth(app).register(
        name="psc",
        client_cls=StrictClient,
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
    psc.clock = clock
    psc.issuer = settings.issuer
    return psc


def _language() -> str:
    return request.accept_languages.best_match(["fr", "en"], default="fr")


def _protect(issuer: str, psc: StrictClient, response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; frame-ancestors 'none'; "
        f"base-uri 'none'; {form_action(issuer, psc.server_metadata)}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    response.headers.setdefault("Cache-Control", "no-store")
    return response
