"""Signatures of what is issued: by the algorithm that the client registered for it.

Each algorithm has a key of its own. Access tokens are signed by the profile's first algorithm
whatever the client registered: they are read by APIs, which expect Pro Santé Connect's RS256.
"""

from enum import StrEnum
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from idp.keys.purposes import SIGNING
from idp.oauth.rules.client_profiles import CLIENT_PROFILES
from idp.oauth.rules.jws_headers import CheckedHeaders
from idp.provider import Provider
from idp.store.models import Client

ALGORITHMS = list(SIGNING)
_TYP = "JWT"


class Use(StrEnum):
    """What is issued, as the members of a client's metadata begin: `<use>_signed_response_alg`."""

    ID_TOKEN = "id_token"  # noqa: S105 - the name of a token
    USERINFO = "userinfo"
    AUTHORIZATION = "authorization"


def registered_algorithm(client: Client, use: Use) -> str | None:
    """The JWS algorithm the client registered, where it registered one."""
    return client.options.get(f"{use}_signed_response_alg")


def algorithm_for(client: Client, use: Use) -> str:
    """The JWS algorithm the client gets: registered, or its profile's first."""
    return registered_algorithm(client, use) or _usual_algorithm(client)


def sign_for(
    provider: Provider, client: Client, claims: dict[str, Any], use: Use, *, typ: str = _TYP
) -> str:
    """A JWT for the client, by the algorithm that it gets for this use."""
    return sign(provider, claims, alg=algorithm_for(client, use), typ=typ)


def sign_access_token(provider: Provider, client: Client, claims: dict[str, Any]) -> str:
    """An access token (RFC 9068 has the same default)."""
    return sign(provider, claims, alg=_usual_algorithm(client))


def sign(
    provider: Provider, claims: dict[str, Any], *, alg: str = ALGORITHMS[0], typ: str = _TYP
) -> str:
    """Sign claims with the active key of an algorithm (measured.md, pitfall 2)."""
    key = provider.keyring.active(SIGNING[alg])
    return jwt.encode({"typ": typ, "alg": alg, "kid": key.kid}, claims, key.key, [alg])


def verify(provider: Provider, token: str, *, typ: str) -> dict[str, Any] | None:
    """The claims of a JWT of ours, of the expected `typ`; lifetimes are the caller's to judge.

    Any published key will do, each with its one algorithm (RFC 8725, 3.1).
    """
    try:
        header = jws.extract_compact(token.encode()).headers()
        key = provider.keyring.find(SIGNING.values(), str(header.get("kid")))
        if key is None:
            return None
        claims = jwt.decode(token, key.key, [key.alg], CheckedHeaders(algorithms=[key.alg])).claims
    except (JoseError, ValueError):
        return None
    mine = claims.get("iss") == provider.settings.issuer and claims.get("typ") == typ
    return claims if mine else None


def _usual_algorithm(client: Client) -> str:
    return CLIENT_PROFILES[client.profile].signing_algorithms[0]
