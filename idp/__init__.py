"""A Pro Santé Connect compatible identity provider: the wiring, on one screen."""

import gc

_collects = gc.isenabled()
gc.disable()  # all that is loaded now stays: walking it again and again is a fifth of the start

from flask import Flask

from idp import dev
from idp.cards.challenge_views import bp as card_challenges
from idp.cards.pki_views import bp as pki
from idp.cards.views import bp as cards
from idp.challenges.views import bp as challenges
from idp.devices.views import bp as devices
from idp.enrolment.pairing_views import bp as pairing
from idp.enrolment.views import bp as enrolment
from idp.oauth.registration_views import bp as client_registration
from idp.oauth.views import bp as oauth
from idp.portal.views import bp as portal
from idp.provider import Provider, open_provider
from idp.settings import Settings
from idp.signin.views import bp as signin
from idp.wiring import new_app

if _collects:
    gc.enable()

__version__ = "0.1.0"


def create_app(settings: Settings, *, provider: Provider | None = None) -> Flask:
    """One application for one issuer (decision 5).

    Raises:
        ProviderNotReady: the database is not initialised, or contradicts the settings.
    """
    current = provider or open_provider(settings)
    app = new_app(current)
    app.register_blueprint(oauth, url_prefix=settings.realm_path)
    app.register_blueprint(client_registration, url_prefix=settings.realm_path)
    for blueprint in (signin, enrolment, pairing, devices, challenges, portal):
        app.register_blueprint(blueprint)
    if current.is_simulation:
        app.register_blueprint(pki)
        app.register_blueprint(cards)
        app.register_blueprint(card_challenges)
    if settings.dev:
        dev.init_app(app)
    return app
