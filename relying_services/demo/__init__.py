"""A service that trusts the provider: an ordinary OpenID Connect client, nothing more.

It knows the issuer's address and its own registration; everything else comes from discovery.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, request
from flask_babel import Babel, get_locale

from relying_services import design
from relying_services.demo.sessions import Sessions
from relying_services.demo.software import Waiting
from relying_services.demo.software import bp as software
from relying_services.demo.views import bp
from relying_services.service.logout_token import LogoutTokens

_PACKAGE = Path(__file__).parents[1]
_PACKAGED = _PACKAGE / "templates"
TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent / "templates" / "relying_services"

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

    @property
    def cookie(self) -> str:
        """Name of the cookie: browsers do not tell the ports of a host apart (decision 4)."""
        return f"{COOKIE}_{urlsplit(self.base_url).port or 'default'}"


def create_app(settings: DemoSettings) -> Flask:
    """The service, signed-in sessions in its own memory: one process, one worker."""
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.secret_key = secrets.token_bytes(32)
    app.config.update(
        MAX_CONTENT_LENGTH=64 * 1024,
        SESSION_COOKIE_NAME=settings.cookie,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_TRANSLATION_DIRECTORIES=str(_PACKAGE / "translations"),
    )
    Babel(app, locale_selector=_language)
    app.add_template_global(get_locale)
    app.extensions["demo"] = settings
    app.extensions["demo.sessions"] = Sessions()
    app.extensions["demo.waiting"] = Waiting()
    app.extensions["demo.logout_tokens"] = LogoutTokens(settings.client_id)
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
    design.init_app(app)
    app.register_blueprint(bp)
    app.register_blueprint(software)
    app.after_request(_protect)
    return app


def _language() -> str:
    return request.accept_languages.best_match(["fr", "en"], default="fr")


def _protect(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
