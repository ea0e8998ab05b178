"""The addresses of an API's issuer: those of the provider that exchange and tokens need."""

from typing import cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from idp.exchange.discovery import discovery_document
from idp.exchange.server import make_exchange_server
from idp.keys.purposes import SIGNING
from idp.oauth import views
from idp.provider import EXTENSION, current_provider
from idp.psc.addresses import CERTS, INTROSPECTION, REVOCATION, TOKEN

bp = Blueprint("exchange", __name__)
bp.post(TOKEN)(views.token)
bp.post(INTROSPECTION)(views.introspection)
bp.post(REVOCATION)(views.revocation)


@bp.record
def _register(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    make_exchange_server(app, app.extensions[EXTENSION])


@bp.get(CERTS)
def certs() -> ResponseReturnValue:
    """The public keys that verify its tokens; nothing is encrypted to this issuer."""
    keyring = current_provider().keyring
    keys = [key for purpose in SIGNING.values() for key in keyring.published(purpose)]
    return views.public({"keys": [key.row.public_jwk for key in keys]})


@bp.get("/.well-known/openid-configuration")
@bp.get("/.well-known/wallet-openid-configuration")
def discovery() -> ResponseReturnValue:
    """Discovery, at the addresses of the provider's."""
    return views.public(discovery_document(current_provider().settings))
