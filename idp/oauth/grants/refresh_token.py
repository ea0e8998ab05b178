"""The refresh token grant (RFC 6749, 6), with rotation decided by the stored row (decision 9).

The token just replaced is honoured for `refresh_grace` as a retry and gives the same successor;
any later use means that two parties hold the family, which then ends (RFC 9700, 4.14.2).
"""

import secrets
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant as StockGrant

from idp.audit.events import Event
from idp.audit.journal import record
from idp.oauth.grants.authorization_code import AUTH_METHODS
from idp.oauth.grants.issuing import activity_trace, live_person
from idp.oauth.tokens.refresh_tokens import KnownRefreshToken, new_refresh_token
from idp.psc.tokens import Issue
from idp.store.grants import (
    GrantInUse,
    add_refresh_token,
    find_refresh_token,
    note_refresh,
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

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
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
        record(
            db,
            Event.TOKEN_REFRESHED,
            now=now,
            person=grant.national_id,
            client_id=grant.client_id,
            sid=grant.sid,
            **activity_trace(grant),
        )
        scope = self._scope_of_answer(granted)
        self.request.user = Issue(granted, person, successor, scope, now, self.request.confirmation)
        response = (200, self.generate_token(self.request.user), self.TOKEN_RESPONSE_HEADER)
        self.execute_hook("after_create_token_response", response)
        return response

    def _scope_of_answer(self, granted: GrantInUse) -> str:
        asked = (self.request.payload.scope or granted.grant.scope).split()
        return " ".join(s for s in granted.grant.scope.split() if s in asked)

    def _rotate(self, row: RefreshToken, granted: GrantInUse) -> RefreshToken:
        provider, db = self.server.provider, self.server.db
        now = provider.clock.now()
        jti = secrets.token_hex(16)
        if row.rotated_at is None and rotate_refresh_token(db, row.jti, successor=jti, now=now):
            successor = new_refresh_token(
                provider,
                jti=jti,
                grant_id=row.grant_id,
                now=now,
                session_ends=granted.grant.expires_at,
            )
            add_refresh_token(db, successor)
            return successor
        return self._successor_of_retry(row.jti, granted)

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
        record(
            db,
            Event.REFRESH_REUSED,
            now=now,
            success=False,
            person=grant.national_id,
            client_id=grant.client_id,
            sid=grant.sid,
            **activity_trace(grant),
        )
        raise InvalidGrantError("The refresh token was used before: its whole family ends.")
