"""Token introspection (RFC 7662), with the members of PSC's answer (pro-sante-connect 3.5)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.grants.issuing import is_live
from idp.oauth.parameters import refuse_repeated
from idp.oauth.tokens.access_token import ActiveAccessToken, find_active, session_lives
from idp.oauth.tokens.refresh_tokens import KnownRefreshToken, find_known

SESSION_ACTIVE = "session_active"
"""Told of a lapsed access token to a client that registered `session_introspection`."""


class LapsedAccessToken:
    """An access token past its life, while what it was issued under lives."""


class Introspection(IntrospectionEndpoint):
    """Any confidential client may ask about any token, as at PSC: APIs and proxies do."""

    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def check_params(self, request: Any, client: Any) -> None:
        """Demand a token; a hint that is not known is ignored (RFC 7662, 2.1)."""
        del client
        refuse_repeated(request)
        if not request.form.get("token"):
            raise InvalidRequestError("The token parameter is missing.")

    def create_endpoint_response(self, request: Any) -> Any:
        """Read the token first: its client is most often the one that asks, and read with it."""
        request.presented = self._find(request.form.get("token", ""))
        return super().create_endpoint_response(request)

    def authenticate_token(self, request: Any, client: Any) -> Any:
        """The active token, where the client may ask; the hint is not needed."""
        self.check_params(request, client)
        token = request.presented
        if token is None and client.may_ask_about_sessions:
            return self._lapsed(request.form["token"])
        return token if token and self.check_permission(token, client, request) else None

    def check_permission(self, token: Any, client: Any, request: Any) -> bool:
        """Refresh tokens are their client's own business."""
        del request
        return isinstance(token, ActiveAccessToken) or token.check_client(client)

    def create_introspection_payload(self, token: Any) -> dict[str, Any]:
        """What is told of the token."""
        if isinstance(token, LapsedAccessToken):
            return {"active": False, SESSION_ACTIVE: True}
        told: dict[str, Any] = super().create_introspection_payload(token)
        return told

    def introspect_token(self, token: Any) -> dict[str, Any]:
        """The claims of the token, and what RFC 7662 adds."""
        claims = dict(token.claims)
        added = {"client_id": claims["azp"]}
        if "preferred_username" in claims:
            added["username"] = claims["preferred_username"]
        return claims | added | {"active": True}

    def _find(self, token_string: str) -> ActiveAccessToken | KnownRefreshToken | None:
        server = self.server
        active = find_active(server.provider, server.db, token_string)
        if active is not None:
            return active
        token = find_known(server.provider, server.db, server.refresh_key, token_string)
        return token if token and is_live(server.provider, token.granted) else None

    def _lapsed(self, token_string: str) -> LapsedAccessToken | None:
        lives = session_lives(self.server.provider, self.server.db, token_string)
        return LapsedAccessToken() if lives else None
