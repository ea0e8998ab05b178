"""The backchannel authentication endpoint (OpenID Connect CIBA Core 1.0, 7)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.endpoint import Endpoint, EndpointRequest

from idp.oauth.ciba.request import BackchannelRequestRead, read_request
from idp.oauth.ciba.signed_request import parameters_that_count
from idp.oauth.ciba.start import begin
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.clients.published import check_sector
from idp.oauth.clients.registered import CIBA
from idp.oauth.parameters import refuse_repeated


@dataclass
class BackchannelAuthenticationRequest(EndpointRequest):
    """A request of an authenticated client that passed every check."""

    asked: BackchannelRequestRead | None = None


class BackchannelAuthentication(Endpoint):
    """Takes a sign-in that a client begins without a browser."""

    ENDPOINT_NAME = "backchannel_authentication"
    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def validate_request(self, request: Any) -> BackchannelAuthenticationRequest:
        """Authenticate as at the token endpoint, then read the request, plain or signed.

        Raises:
            InvalidClient: the client is not authenticated.
            UnauthorizedClientError: it did not register the grant, or its sector is not known.
            OAuth2Error: the first check that failed (CIBA Core 13).
        """
        client = self.server.authenticate_client(
            request, self.CLIENT_AUTH_METHODS, self.ENDPOINT_NAME
        )
        refuse_repeated(request)
        if not client.check_grant_type(CIBA):
            raise UnauthorizedClientError("The client is not registered for CIBA.")
        provider, db = self.server.provider, self.server.db
        check_sector(db, client)
        parameters = parameters_that_count(provider, db, client, request.form)
        asked = read_request(provider, db, client, parameters)
        return BackchannelAuthenticationRequest(request, client, asked)

    def create_response(
        self, validated_request: Any
    ) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Ask the person, and give the client what it asks with (CIBA Core 7.3)."""
        provider, db = self.server.provider, self.server.db
        begun = begin(provider, db, validated_request.client, validated_request.asked)
        return HTTPStatus.OK, begun, default_json_headers
