"""Token revocation (RFC 7009): a refresh token takes its whole grant, an access token itself."""

from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint

from idp.audit.events import Event
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.grants.issuing import note
from idp.oauth.parameters import refuse_repeated
from idp.oauth.tokens.access_token import ActiveAccessToken, find_active
from idp.oauth.tokens.refresh_tokens import KnownRefreshToken, find_known
from idp.store.grants import revoke_access_token, revoke_grant

Token = ActiveAccessToken | KnownRefreshToken


class Revocation(RevocationEndpoint):
    """A token that is unknown, or another client's, is answered 200 and left as it is."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_params(self, request: Any, client: Any) -> None:
        """Demand a token; a hint that is not known is ignored (RFC 7009, 2.1)."""
        del client
        refuse_repeated(request)
        if not request.form.get("token"):
            raise InvalidRequestError("The token parameter is missing.")

    def authenticate_token(self, request: Any, client: Any) -> Token | None:
        """The token, if it is this client's to revoke."""
        self.check_params(request, client)
        server, given = self.server, request.form["token"]
        token: Token | None = find_active(server.provider, server.db, given) or find_known(
            server.provider, server.db, server.refresh_key, given
        )
        return token if token and token.check_client(client) else None

    def revoke_token(self, token: Token, request: Any) -> None:
        """Revoke, in the transaction of the request."""
        del request
        server, grant = self.server, token.granted.grant
        now = server.provider.clock.now()
        if isinstance(token, KnownRefreshToken):
            revoke_grant(server.db, grant.grant_id, now)
        else:
            lapses = datetime.fromtimestamp(token.claims["exp"], UTC)
            revoke_access_token(server.db, token.claims["jti"], expires_at=lapses)
        note(server.db, Event.TOKEN_REVOKED, grant, now=now, kind=token.claims["typ"])
