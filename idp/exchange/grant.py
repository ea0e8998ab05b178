"""The token exchange grant (RFC 8693), with the subject token of a trusted issuer (decision 35)."""

from typing import Any

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants.base import BaseGrant, TokenEndpointMixin

from idp.audit.events import Event
from idp.audit.journal import record
from idp.exchange.binding import certificate_of_request, check_possession
from idp.exchange.rules.delegation import act_of, check_may_act, party_of_client, party_of_token
from idp.exchange.rules.errors import TokenRefused
from idp.exchange.rules.exchange_request import read_exchange
from idp.exchange.rules.targets import audience_of, scope_of
from idp.exchange.sessions import new_session, person_of
from idp.exchange.tokens import ApiIssue
from idp.exchange.trust import TrustedToken, read_trusted
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.clients.registered import TOKEN_EXCHANGE
from idp.oauth.grants.issuing import TokenResponse
from idp.oauth.tokens.refresh_tokens import issue_refresh_token
from idp.store.api_sessions import add_api_session
from idp.store.models import ApiSession


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):
    """Exchanges an access token of a trusted issuer for one of this issuer."""

    GRANT_TYPE = TOKEN_EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL_METHODS

    def validate_token_request(self) -> None:
        """Authenticate the client, and read what it asks.

        Raises:
            UnauthorizedClientError: the client did not register this grant, or takes only tokens
                that are bound by DPoP, which are not given here.
            InvalidRequestError: the request is not whole.
        """
        client = self.request.client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("This client did not register the token exchange.")
        if client.requires_dpop:
            raise UnauthorizedClientError("Tokens are bound to a certificate here, not by DPoP.")
        self.asked = read_exchange(self.request.payload.datalist)

    def create_token_response(self) -> TokenResponse:
        """Judge the tokens, then open a session and issue.

        Raises:
            CertificateMissing: none was shown where one is demanded.
            TokenRefused: the subject or actor token does not hold.
            KeysNotRead: they cannot be verified at present.
            InvalidTarget, InvalidScopeError: more is asked than this client may have.
        """
        provider, db, client = self.server.provider, self.server.db, self.request.client
        certificate = certificate_of_request(provider, client)
        subject, act = self._judge(certificate)
        audience = audience_of(
            provider.settings.apis,
            client.client_id,
            audience=self.asked.audience,
            resource=self.asked.resource,
        )
        session = new_session(
            provider,
            subject,
            client_id=client.client_id,
            audience=audience,
            scope=scope_of(client.row.scope, self.asked.scope),
            act=act,
            certificate=certificate,
        )
        add_api_session(db, session)
        return 200, self._issue(session), self.TOKEN_RESPONSE_HEADER

    def _judge(self, certificate: bytes | None) -> tuple[TrustedToken, dict[str, Any] | None]:
        """The subject token that holds, and who acts; a refusal is known to the journal."""
        try:
            subject = self._read(self.asked.subject_token, certificate)
            actor = self._actor(certificate)
            party = party_of_token(actor.claims) if actor else self._client_as_party()
            check_may_act(subject.claims, party)
            return subject, act_of(subject.claims, actor.claims if actor else None)
        except TokenRefused as error:
            record(
                self.server.db,
                Event.SUBJECT_REFUSED,
                now=self.server.provider.clock.now(),
                success=False,
                client_id=self.request.client.client_id,
                reason=str(error.description),
            )
            raise

    def _actor(self, certificate: bytes | None) -> TrustedToken | None:
        return self._read(self.asked.actor_token, certificate) if self.asked.actor_token else None

    def _read(self, text: str, certificate: bytes | None) -> TrustedToken:
        """A token of the issuer that the request names: the actor's is of the same."""
        token = read_trusted(
            self.server.provider,
            self.server.db,
            text,
            name=self.asked.subject_issuer,
            client_id=self.request.client.client_id,
        )
        check_possession(token, certificate)
        return token

    def _client_as_party(self) -> dict[str, Any]:
        issuer = self.server.provider.settings.issuer
        return party_of_client(issuer, self.request.client.client_id)

    def _issue(self, session: ApiSession) -> dict[str, Any]:
        provider, db, client = self.server.provider, self.server.db, self.request.client
        refresh = issue_refresh_token(
            provider,
            db,
            grant_id=session.sid,
            now=session.created_at,
            session_ends=session.expires_at,
        )
        record(
            db,
            Event.TOKEN_EXCHANGED,
            now=session.created_at,
            person=person_of(session),
            client_id=client.client_id,
            sid=session.sid,
            subject_issuer=session.subject_issuer,
            subject_sid=session.subject_sid,
            audience=session.audience,
        )
        issue = ApiIssue(session, client.row, refresh, session.scope, session.created_at)
        answer: dict[str, Any] = self.generate_token(issue)
        return answer
