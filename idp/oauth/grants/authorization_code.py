"""The authorization code grant (RFC 6749, 4.1.3), with codes that are spent exactly once.

Authlib's stock grant reads a code, issues, then deletes it: simultaneous requests all succeed
(measured.md, pitfall 1). Here one conditional update decides; whoever comes second ends the grant.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as StockGrant

from idp.audit.events import Event
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.grants.issuing import TokenResponse, answer, live_person, note
from idp.oauth.tokens.refresh_tokens import issue_refresh_token
from idp.psc.tokens import Issue
from idp.store.grants import GrantInUse, revoke_grant, spend_code
from idp.store.models import AuthorizationCode


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

    def create_token_response(self) -> TokenResponse:
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
        refresh = issue_refresh_token(
            provider, db, grant_id=grant.grant_id, now=now, session_ends=grant.expires_at
        )
        note(db, Event.TOKEN_ISSUED, grant, now=now)
        issue = Issue(
            code.granted,
            person,
            refresh,
            grant.scope,
            now,
            confirmation=self.request.confirmation,
            audience=self.request.audience,
        )
        return answer(self, issue)

    def _refuse_second_use(self, code: CodeInUse) -> None:
        provider, db = self.server.provider, self.server.db
        now, grant = provider.clock.now(), code.granted.grant
        if code.row.expires_at > now or code.row.spent_at is not None:
            revoke_grant(db, grant.grant_id, now)
            note(db, Event.CODE_REUSED, grant, now=now, success=False)
        raise InvalidGrantError("The code was used before, or is too old.")
