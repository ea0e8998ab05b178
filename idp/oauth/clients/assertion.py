"""private_key_jwt (RFC 7523, 2.2 and 3; OpenID Connect Core 9), on Authlib's extension.

Keys are those registered: nothing is fetched in a request (decision 40). Time is our clock's, and
a `jti` counts once.
"""

import json
from typing import Any

from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask import g
from joserfc import jws
from joserfc.errors import JoseError

from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.clients.signatures import ALGORITHMS, verified
from idp.provider import Provider
from idp.psc.addresses import pushed_authorization_endpoint, token_endpoint
from idp.store.replay import first_use

_MAX_JTI = 256


class ClientAssertion(JWTBearerClientAssertion):
    """Authenticates a client by an assertion that it signed."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def __call__(self, query_client: Any, request: Any) -> RegisteredClient | None:
        """The client whose assertion holds in every part, or None."""
        if request.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        assertion = request.form.get("client_assertion", "")
        client: RegisteredClient | None = query_client(_claimed_client(assertion))
        if client is None or client.row.jwks is None:
            return None
        signed = verified(assertion, client.row.jwks, ALGORITHMS)
        if signed is None or not self._holds(signed.claims, client.client_id):
            return None
        return client

    def get_audiences(self) -> list[str]:
        """The issuer, the token endpoint (RFC 7523, 3), or that of PAR (RFC 9126, 2)."""
        settings = self._provider.settings
        return [settings.issuer, token_endpoint(settings), pushed_authorization_endpoint(settings)]

    def _holds(self, claims: dict[str, Any], client_id: str) -> bool:
        return (
            claims.get("iss") == client_id
            and claims.get("sub") == client_id
            and self._is_for_us(claims.get("aud"))
            and self._is_timely(claims)
            and self._is_first_use(claims, client_id)
        )

    def _is_for_us(self, audience: Any) -> bool:
        named = audience if isinstance(audience, list) else [audience]
        return any(ours in named for ours in self.get_audiences())

    def _is_timely(self, claims: dict[str, Any]) -> bool:
        settings = self._provider.settings
        now = self._provider.clock.now().timestamp()
        skew = settings.client_assertion_skew.total_seconds()
        furthest = now + settings.client_assertion_lifetime.total_seconds() + skew
        expires, begins = claims.get("exp"), claims.get("nbf", claims.get("iat", now))
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            return False
        return now - skew < expires <= furthest and begins <= now + skew

    def _is_first_use(self, claims: dict[str, Any], client_id: str) -> bool:
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI or not jti.isprintable():
            return False
        settings = self._provider.settings
        until = settings.client_assertion_lifetime + 2 * settings.client_assertion_skew
        expires_at = self._provider.clock.now() + until
        return first_use(g.oauth_db, f"client-assertion:{client_id}", jti, expires_at=expires_at)


def _claimed_client(assertion: str) -> str:
    """Whose assertion it says it is, before anything is verified."""
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload or b"")
    except (JoseError, ValueError, RecursionError):
        return ""
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else ""
