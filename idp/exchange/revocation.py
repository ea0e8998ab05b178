"""Revocation at an API's issuer (RFC 7009): a refresh token takes its session with it."""

from datetime import UTC, datetime
from typing import Any

from idp.audit.events import Event
from idp.audit.journal import record
from idp.exchange.sessions import end_session, person_of
from idp.exchange.tokens import ApiToken, find_access_token, find_refresh_token
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.tokens.revocation import Revocation
from idp.store.grants import revoke_access_token


class ApiRevocation(Revocation):
    """A token that is unknown, or another client's, is answered 200 and left as it is."""

    CLIENT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def authenticate_token(self, request: Any, client: Any) -> ApiToken | None:
        """The token, if it is this client's to revoke."""
        self.check_params(request, client)
        server, given = self.server, request.form["token"]
        token = find_access_token(server.provider, server.db, given) or find_refresh_token(
            server.provider, server.db, server.refresh_key, given
        )
        return token if token and token.check_client(client) else None

    def revoke_token(self, token: ApiToken, request: Any) -> None:
        """Revoke, in the transaction of the request."""
        del request
        server, session = self.server, token.granted.session
        if token.row is not None:
            end_session(server.provider, server.db, session, by="client")
        else:
            lapses = datetime.fromtimestamp(token.claims["exp"], UTC)
            revoke_access_token(server.db, token.claims["jti"], expires_at=lapses)
        record(
            server.db,
            Event.TOKEN_REVOKED,
            now=server.provider.clock.now(),
            person=person_of(session),
            client_id=session.client_id,
            sid=session.sid,
            kind=token.claims["typ"],
        )
