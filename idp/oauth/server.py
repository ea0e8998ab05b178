"""The authorization server on Authlib: every grant and endpoint is registered here, once.

A new grant or endpoint is a module of its own and one line in `make_server`.
"""

import json
from typing import Any, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer as FlaskAuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.authorization.code_challenge import S256CodeChallenge
from idp.oauth.authorization.pushed_authorization import PushedAuthorization
from idp.oauth.ciba.endpoint import BackchannelAuthentication
from idp.oauth.clients.authentication import ClientAuthentication
from idp.oauth.clients.registered import CIBA, DEVICE_CODE, RegisteredClient, active_client
from idp.oauth.device_flow.endpoint import DeviceAuthorizationEndpoint
from idp.oauth.grants.authorization_code import AuthorizationCodeGrant
from idp.oauth.grants.ciba import CibaGrant
from idp.oauth.grants.device_code import DeviceCodeGrant
from idp.oauth.grants.refresh_token import RefreshTokenGrant
from idp.oauth.parameters import FormRequest, refuse_repeated
from idp.oauth.possession.certificate import CertificateBinding
from idp.oauth.possession.dpop import DPoP
from idp.oauth.tokens.audience import ResourceIndicators
from idp.oauth.tokens.id_token import IdToken
from idp.oauth.tokens.introspection import Introspection
from idp.oauth.tokens.refresh_tokens import find_known, refresh_key
from idp.oauth.tokens.revocation import Revocation
from idp.oauth.tokens.token_generator import TokenGenerator
from idp.oauth.tokens.userinfo import UserInfo
from idp.provider import Provider
from idp.store.backchannel import find_asked
from idp.store.device_authorizations import find_device_authorization
from idp.store.grants import find_code

EXTENSION = "ecps.oauth"


def make_server(app: Flask, provider: Provider) -> "AuthorizationServer":
    """The server of one issuer, with all it offers."""
    server = AuthorizationServer(provider)
    id_token, dpop = IdToken(provider), DPoP(provider)
    certificate = CertificateBinding(provider)
    resources = ResourceIndicators(provider)
    server.register_grant(
        AuthorizationCodeGrant, [S256CodeChallenge(), id_token, dpop, certificate, resources]
    )
    server.register_grant(RefreshTokenGrant, [id_token, dpop, certificate, resources])
    server.register_grant(CibaGrant, [id_token, dpop, certificate, resources])
    server.register_grant(DeviceCodeGrant, [id_token, dpop, certificate, resources])
    server.register_endpoint(Introspection)
    server.register_endpoint(Revocation)
    server.register_endpoint(UserInfo(server))
    server.register_endpoint(PushedAuthorization(server))
    server.register_endpoint(DeviceAuthorizationEndpoint(server))
    server.register_endpoint(BackchannelAuthentication(server))
    app.extensions[EXTENSION] = server
    return server


def current_server() -> "AuthorizationServer":
    """The authorization server of the running application."""
    return cast("AuthorizationServer", current_app.extensions[EXTENSION])


class AuthorizationServer(FlaskAuthorizationServer):
    """Authlib's server, with its clients in our store and its answers in PSC's shape."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider
        self._client_auth = ClientAuthentication(provider, self.query_client)
        self.refresh_key = refresh_key(provider)
        self.register_token_generator("default", TokenGenerator(provider, self.refresh_key))

    @property
    def db(self) -> Session:
        """The transaction of the endpoint at work; its view opened it."""
        return cast("Session", g.oauth_db)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        """The client of that identifier, unless it is disabled."""
        return active_client(self.db, client_id)

    def create_oauth2_request(self, given: Any) -> FormRequest:
        """The running request; endpoints that were handed one get the same."""
        return given if isinstance(given, FormRequest) else FormRequest()

    def create_token_response(self, given: Any = None) -> Response:
        """Answer a token request, malformed ones as RFC 6749, 5.2 says."""
        given = self.create_oauth2_request(given)
        try:
            refuse_repeated(given)
            _demand_grant_type(given)
            self._read_presented(given)
            answer: Response = super().create_token_response(given)
        except InvalidRequestError as error:
            return cast("Response", self.handle_error_response(given, error))
        return answer

    def _read_presented(self, given: FormRequest) -> None:
        """Read what is presented with the client it was issued to.

        Held by the request, that client is in the session when it authenticates: one statement
        serves both. Nothing of it is told before.
        """
        form = given.form
        if given.payload.grant_type == "authorization_code":
            given.presented = find_code(self.db, sha256(form.get("code", "")))
        elif given.payload.grant_type == "refresh_token":
            token = form.get("refresh_token", "")
            given.presented = find_known(self.provider, self.db, self.refresh_key, token)
        elif given.payload.grant_type == CIBA:
            given.presented = find_asked(self.db, sha256(form.get("auth_req_id", "")))
        elif given.payload.grant_type == DEVICE_CODE:
            digest = sha256(form.get("device_code", ""))
            given.presented = find_device_authorization(self.db, digest)

    def handle_response(self, status: int, payload: Any, headers: Any) -> Response:
        """Members in the order they were given: PSC's."""
        if isinstance(payload, dict):
            payload = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        return Response(payload, status=status, headers=headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Security events go to the journal, in the transaction of the event."""


def _demand_grant_type(given: FormRequest) -> None:
    if not given.payload.grant_type:
        raise InvalidRequestError("The grant_type parameter is missing.")
