"""The refresh token grant (RFC 6749, 6), with rotation decided by the stored row (decision 9).

The token just replaced is honoured for `refresh_grace` as a retry and gives the same successor;
any later use means that two parties hold the family, which then ends (RFC 9700, 4.14.2).
"""

import secrets
from datetime import timedelta

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as StockGrant

from idp.audit.events import Event
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.grants.issuing import TokenResponse, answer, live_person, note
from idp.oauth.tokens.refresh_tokens import (
    KnownRefreshToken,
    issue_refresh_token,
    new_refresh_token,
)
from idp.psc.tokens import Issue
from idp.store.grants import (
    GrantInUse,
    find_refresh_token,
    note_refresh,
    prolong_refresh_token,
    revoke_grant,
    rotate_refresh_token,
)
from idp.store.models import RefreshToken


class RefreshTokenGrant(StockGrant):
    """Client authentication is Authlib's; rotation and issuing are ours."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def validate_token_request(self) -> None:
        """Authenticate the client and find its token.

        Raises:
            InvalidRequestError: no token was sent.
            InvalidGrantError: not a refresh token of this client that is good.
            InvalidScopeError: more is asked than was granted.
        """
        self.request.client = self._validate_request_client()
        self.request.refresh_token = self._validate_request_token(self.request.client)
        self._validate_token_scope(self.request.refresh_token)

    def authenticate_refresh_token(self, refresh_token: str) -> KnownRefreshToken | None:
        """A token of ours that has not lapsed, rotated or not."""
        del refresh_token
        known: KnownRefreshToken | None = self.request.presented
        return known

    def create_token_response(self) -> TokenResponse:
        """Rotate the token, then issue under the successor.

        Raises:
            InvalidGrantError: the session is over, or the token was used before.
        """
        provider, db = self.server.provider, self.server.db
        row, granted = self.request.refresh_token.row, self.request.refresh_token.granted
        now, grant = provider.clock.now(), granted.grant
        self.execute_hook("before_issue", granted)
        person = live_person(provider, granted)
        idle_since = now - provider.settings.session_idle
        if not note_refresh(db, grant.sid, now=now, idle_since=idle_since):
            raise InvalidGrantError("The session is over.")
        successor = self._rotate(row, granted)
        note(db, Event.TOKEN_REFRESHED, grant, now=now)
        issue = Issue(
            granted,
            person,
            successor,
            self._scope_of_answer(granted),
            now,
            confirmation=self.request.confirmation,
            audience=self.request.audience,
        )
        return answer(self, issue)

    def _scope_of_answer(self, granted: GrantInUse) -> str:
        asked = (self.request.payload.scope or granted.grant.scope).split()
        return " ".join(s for s in granted.grant.scope.split() if s in asked)

    def _rotate(self, row: RefreshToken, granted: GrantInUse) -> RefreshToken:
        provider, db = self.server.provider, self.server.db
        now = provider.clock.now()
        if not self.request.client.profile.rotated_refresh_tokens:
            return self._prolonged(row, granted)
        jti = secrets.token_hex(16)
        if row.rotated_at is None and rotate_refresh_token(db, row.jti, successor=jti, now=now):
            return issue_refresh_token(
                provider,
                db,
                jti=jti,
                grant_id=row.grant_id,
                now=now,
                session_ends=granted.grant.expires_at,
            )
        return self._successor_of_retry(row.jti, granted)

    def _prolonged(self, row: RefreshToken, granted: GrantInUse) -> RefreshToken:
        """The same token for another while: its sender proves itself at each use (decision 9).

        Raises:
            InvalidGrantError: it was replaced, while the client was of another profile.
        """
        provider, db = self.server.provider, self.server.db
        prolonged = new_refresh_token(
            provider,
            jti=row.jti,
            grant_id=row.grant_id,
            now=provider.clock.now(),
            session_ends=granted.grant.expires_at,
        )
        if not prolong_refresh_token(db, row.jti, expires_at=prolonged.expires_at):
            raise InvalidGrantError("The refresh token was replaced.")
        return prolonged

    def _grace(self) -> timedelta:
        granted: timedelta = self.server.provider.settings.refresh_grace
        return granted if self.request.client.profile.refresh_retry else timedelta(0)

    def _successor_of_retry(self, jti: str, granted: GrantInUse) -> RefreshToken:
        provider, db = self.server.provider, self.server.db
        now, grant = provider.clock.now(), granted.grant
        # Read again: where another process won the race, the row as first read is out of date.
        found = find_refresh_token(db, jti)
        replaced = found[0] if found else None
        if replaced is not None and replaced.rotated_at is not None and replaced.successor:
            successor = find_refresh_token(db, replaced.successor)
            recent = now - replaced.rotated_at < self._grace()
            if recent and successor is not None and successor[0].rotated_at is None:
                return successor[0]
        revoke_grant(db, grant.grant_id, now)
        note(db, Event.REFRESH_REUSED, grant, now=now, success=False)
        raise InvalidGrantError("The refresh token was used before: its whole family ends.")
