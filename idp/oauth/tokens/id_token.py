"""ID tokens (OpenID Connect Core 2): issued as an extension of the grants, read back as hints."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.grants.code import OpenIDToken
from authlib.oidc.core.util import create_half_hash

from idp.oauth.tokens.encryption import encrypt_to
from idp.oauth.tokens.requested_claims import requested_claims
from idp.oauth.tokens.signing import Use, algorithm_for, sign_for, verify
from idp.provider import Provider
from idp.psc.tokens import Issue, add_id_token, id_token_claims

AUTH_REQ_ID_CLAIM = "urn:openid:params:jwt:claim:auth_req_id"
RT_HASH_CLAIM = "urn:openid:params:jwt:claim:rt_hash"


class IdToken(OpenIDToken):
    """Adds the ID token to the answer of a grant whose scope holds `openid`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def process_token(self, grant: Any, response: Any) -> dict[str, Any]:
        """Runs after the token response is made (Core 3.1.3.3 and 12.2)."""
        token: dict[str, Any] = response[1]
        issue: Issue = grant.request.user
        if "openid" in issue.scopes:
            give_id_token(self._provider, issue, token)
        return token


def give_id_token(provider: Provider, issue: Issue, token: dict[str, Any]) -> None:
    """Put the ID token of an issue among the members of its answer."""
    client = issue.granted.client
    alg = algorithm_for(client, Use.ID_TOKEN)
    at_hash = create_half_hash(token["access_token"], alg).decode()
    claims = id_token_claims(provider, issue, at_hash=at_hash)
    if issue.auth_req_id is not None:
        rt_hash = create_half_hash(token["refresh_token"], alg).decode()
        claims |= {AUTH_REQ_ID_CLAIM: issue.auth_req_id, RT_HASH_CLAIM: rt_hash}
    claims |= requested_claims(
        provider,
        client,
        issue.person,
        issue.grant.claims.get("id_token", {}),
        present=claims,
    )
    signed = sign_for(provider, client, claims, Use.ID_TOKEN)
    add_id_token(token, encrypt_to(client, signed, Use.ID_TOKEN))


def read_id_token_hint(provider: Provider, hint: str) -> dict[str, Any]:
    """The claims of an `id_token_hint`; one that expired still tells who was meant.

    Raises:
        InvalidRequestError: it is not an ID token that this provider signed.
    """
    claims = verify(provider, hint, typ="ID")
    if claims is None:
        raise InvalidRequestError("The id_token_hint is not an ID token of this provider.")
    return claims
