"""The authorization code grant (RFC 6749, 4.1.3), with codes that are spent exactly once.

Authlib's stock grant reads a code, issues, then deletes it: simultaneous requests all succeed
(measured.md, pitfall 1). Here one conditional update decides; whoever comes second ends the grant.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as StockGrant

from idp.audit.events import Event
from idp.audit.journal import record
from idp.oauth.grants.issuing import activity_trace, live_person
from idp.oauth.tokens.refresh_tokens import new_refresh_token
from idp.psc.tokens import Issue
from idp.store.grants import GrantInUse, add_refresh_token, revoke_grant, spend_code
from idp.store.models import AuthorizationCode

AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]


@dataclass(frozen=True)
class CodeInUse:
    """A code with what it opens, as Authlib asks about one."""

    row: AuthorizationCode
    granted: GrantInUse

    def get_redirect_uri(self) -> str:
        """The address of the authorization request, to be repeated exactly."""
        return self.row.redirect_uri

    def get_scope(self) -> str:
        """The scope that was granted."""
        return self.granted.grant.scope


class AuthorizationCodeGrant(StockGrant):
    """Client, code, address and verifier are checked by Authlib; issuing is ours."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def query_authorization_code(self, code: str, client: Any) -> CodeInUse | None:
        """A code of this client, spent or not."""
        del code
        found = self.request.presented
        if found is None or found[0].client_id != client.client_id:
            return None
        return CodeInUse(*found)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Spend the code, then issue.

        Raises:
            InvalidGrantError: the code was spent, lapsed, or its session is over.
        """
        provider, db = self.server.provider, self.server.db
        code: CodeInUse = self.request.authorization_code
        now = provider.clock.now()
        self.execute_hook("before_issue", code.granted)
        if not spend_code(db, code.row.code_hash, now):
            self._refuse_second_use(code)
        person = live_person(provider, code.granted)
        grant = code.granted.grant
        refresh = new_refresh_token(
            provider, grant_id=grant.grant_id, now=now, session_ends=grant.expires_at
        )
        add_refresh_token(db, refresh)
        record(
            db,
            Event.TOKEN_ISSUED,
            now=now,
            person=grant.national_id,
            client_id=grant.client_id,
            sid=grant.sid,
            **activity_trace(grant),
        )
        self.request.user = Issue(
            code.granted, person, refresh, grant.scope, now, self.request.confirmation
        )
        response = (200, self.generate_token(self.request.user), self.TOKEN_RESPONSE_HEADER)
        self.execute_hook("after_create_token_response", response)
        return response

    def _refuse_second_use(self, code: CodeInUse) -> None:
        provider, db = self.server.provider, self.server.db
        now, grant = provider.clock.now(), code.granted.grant
        if code.row.expires_at > now or code.row.spent_at is not None:
            revoke_grant(db, grant.grant_id, now)
            record(
                db,
                Event.CODE_REUSED,
                now=now,
                success=False,
                person=grant.national_id,
                client_id=grant.client_id,
                sid=grant.sid,
                **activity_trace(grant),
            )
        raise InvalidGrantError("The code was used before, or is too old.")
