"""Bearer tokens (RFC 6750) in PSC's shape: two JWTs and the members around them."""

from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from idp.oauth.tokens.refresh_tokens import ALGORITHM
from idp.oauth.tokens.signing import sign_access_token
from idp.provider import Provider
from idp.psc.tokens import Issue, access_token_claims, refresh_token_claims, token_response


class TokenGenerator:
    """What Authlib calls for every grant; the issue stands in place of the user."""

    def __init__(self, provider: Provider, refresh_key: OctKey) -> None:
        self._provider = provider
        self._refresh_key = refresh_key

    def __call__(self, *, user: Issue, **_authlib: Any) -> dict[str, Any]:
        """The answer of the token endpoint, but for an ID token."""
        access_token = sign_access_token(
            self._provider, user.granted.client, access_token_claims(self._provider, user)
        )
        refresh_token = jwt.encode(
            {"alg": ALGORITHM},
            refresh_token_claims(self._provider, user),
            self._refresh_key,
            [ALGORITHM],
        )
        return token_response(
            self._provider, user, access_token=access_token, refresh_token=refresh_token
        )
