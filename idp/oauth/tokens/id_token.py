"""ID tokens (OpenID Connect Core 2): issued as an extension of the grants, read back as hints."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.grants.code import OpenIDToken
from authlib.oidc.core.util import create_half_hash
from joserfc import jws, jwt
from joserfc.errors import JoseError

from idp.oauth.tokens.requested_claims import requested_claims
from idp.provider import Provider
from idp.psc.tokens import Issue, add_id_token, id_token_claims

ALGORITHMS = ["RS256"]
PURPOSE = "tokens"


class IdToken(OpenIDToken):
    """Adds the ID token to the answer of a grant whose scope holds `openid`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def process_token(self, grant: Any, response: Any) -> dict[str, Any]:
        """Runs after the token response is made (Core 3.1.3.3 and 12.2)."""
        token: dict[str, Any] = response[1]
        issue: Issue = grant.request.user
        if "openid" not in issue.scopes:
            return token
        key = self._provider.keyring.active(PURPOSE)
        at_hash = create_half_hash(token["access_token"], key.alg).decode()
        claims = id_token_claims(self._provider, issue, at_hash=at_hash)
        claims |= requested_claims(
            self._provider,
            issue.granted.client,
            issue.person,
            issue.grant.claims.get("id_token", {}),
            present=claims,
        )
        add_id_token(token, sign(self._provider, claims))
        return token


def sign(provider: Provider, claims: dict[str, Any]) -> str:
    """Sign claims with the active key, imported once a process (measured.md, pitfall 2)."""
    key = provider.keyring.active(PURPOSE)
    return jwt.encode({"alg": key.alg, "kid": key.kid}, claims, key.key, ALGORITHMS)


def verify(provider: Provider, token: str, *, typ: str) -> dict[str, Any] | None:
    """The claims of a JWT of ours, of the expected `typ`; lifetimes are the caller's to judge."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = provider.keyring.find(PURPOSE, str(header.get("kid")))
        if key is None:
            return None
        claims = jwt.decode(token, key.key, ALGORITHMS).claims
    except (JoseError, ValueError):
        return None
    mine = claims.get("iss") == provider.settings.issuer and claims.get("typ") == typ
    return claims if mine else None


def read_id_token_hint(provider: Provider, hint: str) -> dict[str, Any]:
    """The claims of an `id_token_hint`; one that expired still tells who was meant.

    Raises:
        InvalidRequestError: it is not an ID token that this provider signed.
    """
    claims = verify(provider, hint, typ="ID")
    if claims is None:
        raise InvalidRequestError("The id_token_hint is not an ID token of this provider.")
    return claims
