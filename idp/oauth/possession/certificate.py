"""Access tokens bound to the client's certificate (RFC 8705, 3 and 4): an extension of the grants.

A client that registered `tls_client_certificate_bound_access_tokens` shows its certificate at the
token endpoint, and with every use of the tokens. Any certificate binds, whoever issued it: what
counts is that its key was proved in the handshake. The grant of a public client is bound besides,
so that its refresh tokens are; a confidential client proves who it is and may renew its
certificate. A key proved by DPoP binds besides: both then have to be proved.
"""

import hmac
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6750 import InvalidTokenError
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.oauth.grants.issuing import note
from idp.oauth.rules.certificate_thumbprint import CONFIRMATION, names_certificate, thumbprint
from idp.oauth.tokens.access_token import ActiveAccessToken
from idp.provider import Provider
from idp.psc.tokens import Issue
from idp.store.grants import GrantInUse, bind_grant_to_certificate
from idp.store.models import Grant
from idp.web.client_certificate import client_certificate


class CertificateBinding:
    """The extension: binds tokens before a grant issues, and the grant after."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, grant: Any) -> None:
        """What Authlib calls with each grant it makes."""
        grant.register_hook("before_issue", self.confirm_certificate)
        grant.register_hook("after_create_token_response", self.bind_refresh_tokens)

    def confirm_certificate(self, grant: Any, granted: GrantInUse) -> None:
        """Let the tokens of this request be bound to the certificate that it showed.

        Raises:
            InvalidRequestError: the client must show one, and did not.
            InvalidGrantError: the grant is bound to another one.
        """
        client, bound_to = grant.request.client, granted.grant.certificate_thumbprint
        if not client.requires_certificate and bound_to is None:
            return
        der = client_certificate()
        if der is None:
            raise InvalidRequestError("This client must show its certificate in TLS.")
        if bound_to is not None and not hmac.compare_digest(bound_to, thumbprint(der)):
            self._note_other_certificate(grant.server.db, granted.grant)
            raise InvalidGrantError("The grant is bound to another certificate.")
        encoding = self._provider.settings.cnf_encoding
        grant.request.confirmation[CONFIRMATION] = thumbprint(der, encoding)

    def bind_refresh_tokens(self, grant: Any, response: Any) -> None:
        """Bind the grant of a public client to the certificate that it showed first.

        Raises:
            InvalidGrantError: a simultaneous request has bound it to another one.
        """
        del response
        issue: Issue = grant.request.user
        der = client_certificate()
        if der is None or CONFIRMATION not in issue.confirmation:
            return
        if not grant.request.client.is_public or issue.grant.certificate_thumbprint is not None:
            return
        if not bind_grant_to_certificate(grant.server.db, issue.grant.grant_id, thumbprint(der)):
            self._note_other_certificate(grant.server.db, issue.grant)
            raise InvalidGrantError("The grant is bound to another certificate.")

    def _note_other_certificate(self, db: Session, grant: Grant) -> None:
        """Somebody else may hold what was granted: the journal knows."""
        note(db, Event.PROOF_REFUSED, grant, now=self._provider.clock.now(), success=False)


def check_certificate(token: ActiveAccessToken, *, realm: str) -> None:
    """Demand the certificate that an access token is bound to, if it is to one (RFC 8705, 3).

    Raises:
        InvalidTokenError: another one was shown, or none.
    """
    named = token.claims.get("cnf", {}).get(CONFIRMATION)
    if named is None:
        return
    der = client_certificate()
    if der is None or not names_certificate(named, der):
        raise InvalidTokenError("The access token is bound to a certificate.", realm=realm)
