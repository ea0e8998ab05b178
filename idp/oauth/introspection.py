"""Token introspection (RFC 7662), with the members of PSC's answer (pro-sante-connect 3.5)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from idp.oauth.access_token import ActiveAccessToken, find_active
from idp.oauth.issuing import is_live
from idp.oauth.parameters import refuse_repeated
from idp.oauth.refresh_tokens import KnownRefreshToken, find_known


class Introspection(IntrospectionEndpoint):
    """Any confidential client may ask about any token, as at PSC: APIs and proxies do."""

    CLIENT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]  # noqa: RUF012 - as the class it extends has it

    def check_params(self, request: Any, client: Any) -> None:
        """Demand a token; a hint that is not known is ignored (RFC 7662, 2.1)."""
        del client
        refuse_repeated(request)
        if not request.form.get("token"):
            raise InvalidRequestError("The token parameter is missing.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Any:
        """The active token; the hint is not needed, for the two kinds are told apart."""
        del token_type_hint
        server = self.server
        return find_active(server.provider, server.db, token_string) or self._refresh(token_string)

    def check_permission(self, token: Any, client: Any, request: Any) -> bool:
        """Refresh tokens are their client's own business."""
        del request
        return isinstance(token, ActiveAccessToken) or token.check_client(client)

    def introspect_token(self, token: Any) -> dict[str, Any]:
        """The claims of the token, and what RFC 7662 adds."""
        claims = dict(token.claims)
        added = {"client_id": claims["azp"]}
        if "preferred_username" in claims:
            added["username"] = claims["preferred_username"]
        return claims | added | {"active": True}

    def _refresh(self, token_string: str) -> KnownRefreshToken | None:
        server = self.server
        token = find_known(server.provider, server.db, server.refresh_key, token_string)
        return token if token and is_live(server.provider, token.granted) else None
