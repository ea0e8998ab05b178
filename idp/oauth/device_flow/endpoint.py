"""The device authorization endpoint (RFC 8628, 3.1 and 3.2)."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from authlib.consts import default_json_headers
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.endpoint import Endpoint, EndpointRequest

from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.clients.published import check_sector
from idp.oauth.clients.registered import DEVICE_CODE, RegisteredClient
from idp.oauth.device_flow.budgets import count_device
from idp.oauth.device_flow.codes import keep_device
from idp.oauth.parameters import refuse_repeated
from idp.oauth.rules.checks import granted_scope
from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE
from idp.oauth.rules.resource_indicators import check_resources
from idp.oauth.tokens.audience import allowed_resources
from idp.psc.addresses import verification_uri


@dataclass
class DeviceRequest(EndpointRequest):
    """What an authenticated client asks for its device."""

    scope: str = ""
    resources: list[str] = field(default_factory=list)


class DeviceAuthorizationEndpoint(Endpoint):
    """Gives a device its two codes, and the address where its person types the short one."""

    ENDPOINT_NAME = "device_authorization"
    CLIENT_AUTH_METHODS = AUTH_METHODS

    def validate_request(self, request: Any) -> DeviceRequest:
        """Authenticate as at the token endpoint, then examine what is asked.

        Raises:
            InvalidClient: the client is not authenticated.
            UnauthorizedClientError: it did not register this grant, or its sector is not known.
            InvalidScopeError: it asks for neither `openid` nor `scope_all`.
            InvalidTarget: it names a resource that it did not register.
            TooManyRequests: too many devices wait for this public client from this network.
        """
        client: RegisteredClient = self.server.authenticate_client(
            request, self.CLIENT_AUTH_METHODS, self.ENDPOINT_NAME
        )
        refuse_repeated(request)
        if not client.check_grant_type(DEVICE_CODE):
            raise UnauthorizedClientError("This client did not register the device grant.")
        check_sector(self.server.db, client)
        count_device(self.server.provider, self.server.db, client)
        scope = granted_scope(request.form.get("scope", ""), client.row.scope.split())
        allowed = allowed_resources(self.server.provider, client)
        resources = check_resources(request.form.getlist(RESOURCE), allowed)
        return DeviceRequest(request, client, scope, resources)

    def create_response(
        self, validated_request: Any
    ) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Let the device wait, and tell it its codes."""
        provider, asked = self.server.provider, validated_request
        device_code, user_code = keep_device(
            provider,
            self.server.db,
            client_id=asked.client.client_id,
            scope=asked.scope,
            resources=asked.resources,
        )
        address = verification_uri(provider.settings)
        answer = {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": address,
            "verification_uri_complete": f"{address}?{urlencode({'user_code': user_code})}",
            "expires_in": int(provider.settings.device_code_lifetime.total_seconds()),
            "interval": provider.settings.device_poll_interval,
        }
        return 200, answer, default_json_headers
