"""An API's own authorization server: it takes tokens of issuers it trusts, and gives its own.

An application of its own (decision 35), with settings, database, keys, clients and journal of its
own; nobody signs in at it. What it shares with the provider is code.
"""

from flask import Flask

from idp.exchange.views import bp
from idp.provider import Provider, open_provider
from idp.settings import Settings
from idp.wiring import new_app


def create_exchange_app(settings: Settings, *, provider: Provider | None = None) -> Flask:
    """One application for one API's issuer (decision 5).

    Raises:
        ProviderNotReady: the database is not initialised, or contradicts the settings.
    """
    app = new_app(provider or open_provider(settings))
    app.register_blueprint(bp, url_prefix=settings.realm_path)
    return app
