"""The pushed authorization request endpoint (RFC 9126, 2)."""

from dataclasses import dataclass
from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.endpoint import Endpoint, EndpointRequest

from idp.oauth.authorization.pushed_requests import keep_pushed
from idp.oauth.authorization.request_examination import examine, registered_redirect_uri
from idp.oauth.authorization.request_object import parameters_that_count
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.parameters import refuse_repeated
from idp.oauth.possession.dpop import bound_to_proof
from idp.oauth.rules.authorization_request import AuthorizationRequest

CREATED = 201


@dataclass
class PushedAuthorizationRequest(EndpointRequest):
    """A pushed request of an authenticated client that passed every check."""

    asked: AuthorizationRequest | None = None


class PushedAuthorization(Endpoint):
    """Takes what the browser would carry, from the client itself."""

    ENDPOINT_NAME = "pushed_authorization_request"
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def validate_request(self, request: Any) -> PushedAuthorizationRequest:
        """Authenticate as at the token endpoint, then examine as at the authorization endpoint.

        Raises:
            InvalidClient: the client is not authenticated.
            OAuth2Error: the first check that failed, as JSON: nobody is redirected here.
        """
        client = self.server.authenticate_client(
            request, self.CLIENT_AUTH_METHODS, self.ENDPOINT_NAME
        )
        refuse_repeated(request)
        if "request_uri" in request.form:
            raise InvalidRequestError("A pushed request holds no request_uri.")
        parameters = parameters_that_count(self.server.provider, client, request.form)
        redirect_uri = registered_redirect_uri(client, parameters)
        if redirect_uri is None:
            raise InvalidRequestError("The redirect_uri is not registered for this client.")
        asked = examine(self.server.provider, client, parameters, redirect_uri=redirect_uri)
        asked = bound_to_proof(self.server.provider, self.server.db, client, asked)
        return PushedAuthorizationRequest(request, client, asked)

    def create_response(
        self, validated_request: Any
    ) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Keep the request, and name it to the client (RFC 9126, 2.2)."""
        provider, db = self.server.provider, self.server.db
        request_uri = keep_pushed(provider, db, validated_request.asked)
        expires_in = int(provider.settings.par_lifetime.total_seconds())
        return CREATED, {"request_uri": request_uri, "expires_in": expires_in}, default_json_headers
