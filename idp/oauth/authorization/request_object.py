"""Signed request objects, encrypted or not (RFC 9101; OpenID Connect Core 6.1).

A client that registered keys may sign what it asks. Then nothing else of the request counts, at
the authorization endpoint as in a pushed request (RFC 9101, 5; RFC 9126, 3).
"""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import InvalidRequestObjectError, RequestNotSupportedError
from joserfc.jwt import Token
from werkzeug.datastructures import MultiDict

from idp.oauth.authorization.request_decryption import decrypted, is_encrypted
from idp.oauth.authorization.request_examination import Parameters
from idp.oauth.clients.published import verified_by
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.clients.signatures import ALGORITHMS
from idp.oauth.rules.checks import PARAMETERS
from idp.oauth.rules.json_members import MemberMalformed, as_parameters
from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE
from idp.provider import Provider

TYPES = ("oauth-authz-req+jwt", "jwt")
"""Accepted values of `typ`, which may be missing (RFC 9101, 10.8)."""


def parameters_that_count(
    provider: Provider, client: RegisteredClient, parameters: Parameters
) -> Parameters:
    """The members of the request object, where the request has one, else its parameters.

    A client without keys can sign nothing: its object is left to the table of checks.

    Raises:
        InvalidRequestObjectError: the object does not hold.
        RequestNotSupportedError: it is not signed.
        InvalidRequestError: it is sent twice, is too long, or is missing and registered as a must.
    """
    given = [text for text in parameters.getlist("request") if text]
    if not given and client.requires_signed_requests:
        raise InvalidRequestError("This client signs its authorization requests.")
    if not given or client.row.jwks is None:
        return parameters
    if len(given) > 1 or len(given[0]) > provider.settings.request_object_max_length:
        raise InvalidRequestError("The request parameter stands more than once, or is too long.")
    if any(parameters.getlist("request_uri")):
        raise InvalidRequestError("request and request_uri exclude each other.")
    if given[0].endswith("."):  # the empty signature of `none`
        raise RequestNotSupportedError("A request object must be signed.")
    token = _verified(provider, client, given[0])
    if token is None:
        raise InvalidRequestObjectError("The request object cannot be decrypted or verified.")
    _check_type(token)
    _check_parties(provider, client, token.claims)
    _check_time(provider, token.claims)
    return MultiDict(_members(token.claims))


def _verified(provider: Provider, client: RegisteredClient, text: str) -> Token | None:
    signed = decrypted(provider, text) if is_encrypted(text) else text
    registered = client.request_object_signing_alg
    permitted = [alg for alg in ALGORITHMS if alg in client.profile.assertion_algorithms]
    algorithms = [registered] if registered else permitted
    return verified_by(client, signed, algorithms) if signed is not None else None


def _check_type(token: Token) -> None:
    """Another kind of JWT that the client signed is no request (RFC 8725, 3.11)."""
    given = token.header.get("typ", TYPES[0])
    if not isinstance(given, str) or given.lower() not in TYPES:
        raise InvalidRequestObjectError("The typ of the request object is not known.")


def _check_parties(provider: Provider, client: RegisteredClient, claims: dict[str, Any]) -> None:
    """RFC 9101, 4, 5.2 and 10.8: `sub` would make it a client assertion."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if provider.settings.issuer not in named:
        raise InvalidRequestObjectError("The aud of the request object is not this issuer.")
    if claims.get("iss") != client.client_id or claims.get("client_id") != client.client_id:
        raise InvalidRequestObjectError("iss and client_id must both be the client.")
    if claims.get("sub") == client.client_id:
        raise InvalidRequestObjectError("The sub of a request object is not the client.")


def _check_time(provider: Provider, claims: dict[str, Any]) -> None:
    """`exp` is required; it and `nbf` stand within the furthest life on either side of now."""
    settings, now = provider.settings, provider.clock.now().timestamp()
    skew = settings.client_assertion_skew.total_seconds()
    furthest = settings.request_object_lifetime.total_seconds() + skew
    expires, begins = claims.get("exp"), claims.get("nbf", now)
    if not isinstance(expires, int | float) or not now - skew < expires <= now + furthest:
        raise InvalidRequestObjectError("The exp of the request object is past, or too far.")
    if not isinstance(begins, int | float) or not now - furthest <= begins <= now + skew:
        raise InvalidRequestObjectError("The nbf of the request object is to come, or too old.")


def _members(claims: dict[str, Any]) -> dict[str, list[str]]:
    """The parameters among the claims, in the form they have in an address.

    `resource` alone may have several values (RFC 8707, 2.1).
    """
    if "request" in claims or "request_uri" in claims:
        raise InvalidRequestObjectError("A request object holds no other (RFC 9101, 4).")
    named = [name for name in (*PARAMETERS, RESOURCE) if name in claims]
    try:
        return {name: as_parameters(name, claims[name]) for name in named}
    except MemberMalformed as error:
        raise InvalidRequestObjectError(f"A member of the request object {error}.") from error
