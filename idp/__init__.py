"""A Pro Santé Connect compatible identity provider: the wiring, on one screen."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from idp import dev
from idp.cards.pki_views import bp as pki
from idp.cards.views import bp as cards
from idp.challenges.views import bp as challenges
from idp.devices.views import bp as devices
from idp.enrolment.pairing_views import bp as pairing
from idp.enrolment.views import bp as enrolment
from idp.oauth.views import bp as oauth
from idp.portal.views import bp as portal
from idp.provider import EXTENSION, Provider, open_provider
from idp.resources import TEMPLATES
from idp.serving.card_proxy import CardProxy
from idp.settings import Settings
from idp.signin.views import bp as signin
from idp.web import cookies, csrf, errors, headers, health, i18n, logs, metrics, pages, requests

__version__ = "0.1.0"


def create_app(settings: Settings, *, provider: Provider | None = None) -> Flask:
    """One application for one issuer (decision 5).

    Raises:
        ProviderNotReady: the database is not initialised, or contradicts the settings.
    """
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body
    current = provider or open_provider(settings)
    app.extensions[EXTENSION] = current
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0, x_port=0
        )
    app.wsgi_app = CardProxy(app.wsgi_app, settings)  # type: ignore[method-assign]
    for part in (logs, metrics, requests, headers, cookies, csrf, i18n, pages, errors, health):
        part.init_app(app)
    app.register_blueprint(oauth, url_prefix=settings.realm_path)
    for blueprint in (signin, enrolment, pairing, devices, challenges, portal):
        app.register_blueprint(blueprint)
    if current.is_simulation:
        app.register_blueprint(pki)
        app.register_blueprint(cards)
    if settings.dev:
        dev.init_app(app)
    return app
