"""Introspection for APIs (RFC 7662): each is told of the tokens that are for it."""

from typing import Any

from idp.exchange.sessions import is_live
from idp.exchange.tokens import ApiToken, find_access_token, find_refresh_token
from idp.oauth.tokens.introspection import Introspection


class ApiIntrospection(Introspection):
    """An API asks about tokens that name it, a client about its own."""

    def check_permission(self, token: Any, client: Any, request: Any) -> bool:
        """Whether the token is for whoever asks, or was issued to it (RFC 7662, 4)."""
        del request
        is_audience = token.row is None and client.client_id in token.claims["aud"]
        return bool(is_audience or token.check_client(client))

    def _find(self, token_string: str) -> ApiToken | None:
        server = self.server
        active = find_access_token(server.provider, server.db, token_string)
        if active is not None:
            return active
        token = find_refresh_token(server.provider, server.db, server.refresh_key, token_string)
        usable = token and token.row and token.row.rotated_at is None
        return token if token and usable and is_live(server.provider, token.granted) else None
