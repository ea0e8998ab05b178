"""The protocol's addresses below the issuer, but for `auth` and `logout` (`idp/signin`)."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from flask import Blueprint, Flask, Response, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.keys.purposes import ENCRYPTION, SIGNING
from idp.oauth.authorization.pushed_authorization import PushedAuthorization
from idp.oauth.ciba.endpoint import BackchannelAuthentication
from idp.oauth.clients.authentication import note_refusal
from idp.oauth.device_flow.endpoint import DeviceAuthorizationEndpoint
from idp.oauth.possession.dpop import HEADER as DPOP_HEADER
from idp.oauth.server import current_server, make_server
from idp.provider import EXTENSION, current_provider
from idp.psc.addresses import (
    BACKCHANNEL_AUTHENTICATION,
    CERTS,
    DEVICE_AUTHORIZATION,
    INTROSPECTION,
    PUSHED_AUTHORIZATION,
    REVOCATION,
    TOKEN,
    USERINFO,
)
from idp.psc.discovery import discovery_document

bp = Blueprint("oauth", __name__)


@bp.record
def _register(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    make_server(app, app.extensions[EXTENSION])


@bp.post(TOKEN)
def token() -> ResponseReturnValue:
    """Token endpoint (RFC 6749, 3.2)."""
    provider = current_provider()
    with _transaction(provider.store.begin()):
        response: Response = current_server().create_token_response()
    return _counted(response)


@bp.post(INTROSPECTION)
def introspection() -> ResponseReturnValue:
    """Introspection (RFC 7662); only the `jti` of an assertion has to be written."""
    store = current_provider().store
    opened = store.begin() if "client_assertion" in request.form else store.read()
    with _transaction(opened):
        response: Response = current_server().create_endpoint_response("introspection")
    return _counted(response)


@bp.post(REVOCATION)
def revocation() -> ResponseReturnValue:
    """Revocation (RFC 7009)."""
    with _transaction(current_provider().store.begin()):
        response: Response = current_server().create_endpoint_response("revocation")
    return _counted(response)


@bp.post(PUSHED_AUTHORIZATION)
def pushed_authorization() -> ResponseReturnValue:
    """Pushed authorization requests (RFC 9126)."""
    with _transaction(current_provider().store.begin()):
        response: Response = current_server().create_endpoint_response(
            PushedAuthorization.ENDPOINT_NAME
        )
    return _counted(response)


@bp.post(BACKCHANNEL_AUTHENTICATION)
def backchannel_authentication() -> ResponseReturnValue:
    """Sign-ins that a client begins without a browser (OpenID Connect CIBA Core 1.0, 7)."""
    with _transaction(current_provider().store.begin()):
        response: Response = current_server().create_endpoint_response(
            BackchannelAuthentication.ENDPOINT_NAME
        )
    return _counted(response)


@bp.post(DEVICE_AUTHORIZATION)
def device_authorization() -> ResponseReturnValue:
    """Device authorization (RFC 8628, 3.1)."""
    with _transaction(current_provider().store.begin()):
        response: Response = current_server().create_endpoint_response(
            DeviceAuthorizationEndpoint.ENDPOINT_NAME
        )
    return _counted(response)


@bp.route(USERINFO, methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    """UserInfo (OpenID Connect Core 5.3); only the `jti` of a DPoP proof has to be written."""
    store = current_provider().store
    with _transaction(store.begin() if DPOP_HEADER in request.headers else store.read()):
        response: Response = current_server().create_endpoint_response("userinfo")
    return response


@bp.get(CERTS)
def certs() -> ResponseReturnValue:
    """The public keys: those that verify, before, during and after their use, and to encrypt to."""
    keyring = current_provider().keyring
    keys = [key for purpose in SIGNING.values() for key in keyring.published(purpose)]
    keys += [key for purpose in ENCRYPTION.values() for key in keyring.offered(purpose)]
    return public({"keys": [key.row.public_jwk for key in keys]})


@bp.get("/.well-known/openid-configuration")
@bp.get("/.well-known/wallet-openid-configuration")
def discovery() -> ResponseReturnValue:
    """Discovery, at the standard address and at PSC's."""
    return public(discovery_document(current_provider().settings))


@contextmanager
def _transaction(opened: AbstractContextManager[Session]) -> Iterator[None]:
    """Lend a transaction to the authorization server, which asks for it as `server.db`."""
    with opened as g.oauth_db:
        yield


def _counted(response: Response) -> Response:
    """Count a refused client after the transaction, which may only have read."""
    if g.pop("client_refused", False):
        provider = current_provider()
        with provider.store.begin() as db:
            note_refusal(provider, db)
    return response


def public(document: dict[str, Any]) -> Response:
    """A document for anybody, browser applications included; nothing else permits CORS."""
    body = json.dumps(document, ensure_ascii=False)
    response = Response(body, content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
