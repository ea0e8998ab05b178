"""The refresh token grant at an API's issuer: each token is good once, and has no grace.

A client whose answer was lost exchanges anew: it still holds its session at the trusted issuer.
"""

import secrets

from authlib.oauth2.rfc6749 import InvalidGrantError

from idp.audit.events import Event
from idp.audit.journal import record
from idp.exchange.binding import certificate_of_request
from idp.exchange.rules.targets import audience_of, scope_of
from idp.exchange.sessions import end_session, is_live, person_of
from idp.exchange.tokens import ApiIssue, ApiToken
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.grants.issuing import TokenResponse
from idp.oauth.grants.refresh_token import RefreshTokenGrant
from idp.oauth.rules.certificate_thumbprint import names_certificate
from idp.oauth.tokens.refresh_tokens import issue_refresh_token
from idp.store.grants import rotate_refresh_token
from idp.store.models import ApiSession, RefreshToken


class ApiRefreshGrant(RefreshTokenGrant):
    """Client and scope are checked as at the provider; rotation and issuing are an API's."""

    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def create_token_response(self) -> TokenResponse:
        """Rotate the token, then issue under the successor.

        Raises:
            CertificateMissing: none was shown where one is demanded.
            InvalidGrantError: the session is over, bound to another certificate, or the token
                was used before, which ends the session.
            InvalidTarget: the client may call one of the APIs no more.
        """
        provider, client = self.server.provider, self.request.client
        presented: ApiToken = self.request.refresh_token
        session = presented.granted.session
        _check_certificate(session, certificate_of_request(provider, client))
        if not is_live(provider, presented.granted):
            raise InvalidGrantError("The session is over.")
        # Who may call what may have changed since: the operator's word holds at once.
        audience_of(
            provider.settings.apis, client.client_id, audience=session.audience, resource=()
        )
        successor = self._rotated(presented.claims["jti"], session)
        scope = scope_of(session.scope, self.request.payload.scope or "")
        issue = ApiIssue(session, client.row, successor, scope, successor.issued_at)
        return 200, self.generate_token(issue), self.TOKEN_RESPONSE_HEADER

    def _rotated(self, jti: str, session: ApiSession) -> RefreshToken:
        provider, db = self.server.provider, self.server.db
        now, successor = provider.clock.now(), secrets.token_hex(16)
        if not rotate_refresh_token(db, jti, successor=successor, now=now):
            self._refuse_second_use(session)
        refresh = issue_refresh_token(
            provider,
            db,
            jti=successor,
            grant_id=session.sid,
            now=now,
            session_ends=session.expires_at,
        )
        record(
            db,
            Event.TOKEN_REFRESHED,
            now=now,
            person=person_of(session),
            client_id=session.client_id,
            sid=session.sid,
        )
        return refresh

    def _refuse_second_use(self, session: ApiSession) -> None:
        """Two parties hold it: whoever has the newer one loses it too (RFC 9700, 4.14.2)."""
        provider, db = self.server.provider, self.server.db
        record(
            db,
            Event.REFRESH_REUSED,
            now=provider.clock.now(),
            success=False,
            person=person_of(session),
            client_id=session.client_id,
            sid=session.sid,
        )
        end_session(provider, db, session, by="reuse")
        raise InvalidGrantError("The refresh token was used before: its session ends.")


def _check_certificate(session: ApiSession, shown: bytes | None) -> None:
    if session.certificate is None:
        return
    if shown is None or not names_certificate(session.certificate, shown):
        raise InvalidGrantError("The tokens are bound to another certificate.")
