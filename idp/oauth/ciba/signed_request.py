"""Signed authentication requests (OpenID Connect CIBA Core 1.0, 7.1.1).

A client that registered an algorithm signs every request, and no other client any: then nothing
of the request stands outside the JWT but what authenticates the client.
"""

from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from joserfc.jwt import Token
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from idp.oauth.authorization.request_object import TYPES
from idp.oauth.ciba.request import PARAMETERS
from idp.oauth.clients.published import verified_by
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.json_members import MemberMalformed, as_parameters
from idp.provider import Provider
from idp.store.replay import first_use

ALGORITHMS = ["PS256", "ES256"]
"""Those of FAPI-CIBA, for every profile."""
_MAX_JTI = 256


def parameters_that_count(
    provider: Provider, db: Session, client: RegisteredClient, form: MultiDict[str, str]
) -> MultiDict[str, str]:
    """The parameters of the form or, for a client that signs, of the JWT.

    Raises:
        InvalidRequestError: signed or not against what was registered, parameters beside the
            JWT, or one that does not hold; each of its requirements is named.
    """
    algorithm = client.backchannel_authentication_request_signing_alg
    text = form.get("request")
    if algorithm is None:
        if text:
            raise InvalidRequestError("This client registered no algorithm to sign requests with.")
        return form
    if not text:
        raise InvalidRequestError("This client signs its authentication requests.")
    beside = sorted(PARAMETERS & form.keys())
    if beside:
        raise InvalidRequestError(f"Parameters beside the signed request: {', '.join(beside)}.")
    if len(text) > provider.settings.max_parameter:
        raise InvalidRequestError("The request parameter is too long.")
    token = verified_by(client, text, [algorithm])
    if token is None:
        raise InvalidRequestError("The signature of the request does not hold.")
    _check_kind(token)
    _check_parties(provider, client, token.claims)
    _check_time(provider, token.claims)
    _check_first_use(provider, db, client, token.claims)
    named = PARAMETERS & token.claims.keys()
    try:
        return MultiDict({name: as_parameters(name, token.claims[name]) for name in named})
    except MemberMalformed as error:
        raise InvalidRequestError(f"A member of the request {error}.") from error


def _check_kind(token: Token) -> None:
    """Another JWT that the client signed is no such request (RFC 8725, 3.11 and 3.12).

    CIBA Core names no `typ`: libraries write that of a request object, which this one is told
    from by what it asks.
    """
    given = token.header.get("typ", TYPES[0])
    is_request = isinstance(given, str) and given.lower() in TYPES
    if not is_request or "response_type" in token.claims:
        raise InvalidRequestError("The JWT is no authentication request.")
    if "request" in token.claims:
        raise InvalidRequestError("A signed request holds no other.")


def _check_parties(provider: Provider, client: RegisteredClient, claims: dict[str, Any]) -> None:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if provider.settings.issuer not in named:
        raise InvalidRequestError("The aud of the request is not this issuer.")
    if claims.get("iss") != client.client_id:
        raise InvalidRequestError("The iss of the request is not the client.")
    if claims.get("sub") == client.client_id:
        raise InvalidRequestError("The JWT is a client assertion.")


def _check_time(provider: Provider, claims: dict[str, Any]) -> None:
    """All three are required, within the longest life on their side of now.

    From `nbf` to `exp` is no more than that life either (FAPI-CIBA 5.2.2).
    """
    settings, now = provider.settings, provider.clock.now().timestamp()
    skew = settings.client_assertion_skew.total_seconds()
    longest = settings.request_object_lifetime.total_seconds()
    furthest = longest + skew
    if not now - skew < _number(claims, "exp") <= now + furthest:
        raise InvalidRequestError("The exp of the request is past, or too far.")
    if not now - furthest <= _number(claims, "nbf") <= now + skew:
        raise InvalidRequestError("The nbf of the request is to come, or too old.")
    if claims["exp"] - claims["nbf"] > longest:
        raise InvalidRequestError("The request lives too long, from its nbf to its exp.")
    if not now - furthest <= _number(claims, "iat") <= now + skew:
        raise InvalidRequestError("The iat of the request is to come, or too old.")


def _number(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidRequestError(f"The {name} of the request is missing, or no number.")
    return value


def _check_first_use(
    provider: Provider, db: Session, client: RegisteredClient, claims: dict[str, Any]
) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI or not jti.isprintable():
        raise InvalidRequestError("The jti of the request is missing, or no short text.")
    expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    until = expires_at + provider.settings.client_assertion_skew
    if not first_use(db, f"ciba-request:{client.client_id}", jti, expires_at=until):
        raise InvalidRequestError("The jti of the request was used before.")
