"""Assertions that authenticate a client: `private_key_jwt` and `client_secret_jwt`.

RFC 7523, 2.2 and 3; OpenID Connect Core 9; on Authlib's extension.

Keys are those registered: nothing is fetched in a request (decision 40). Time is our clock's, and
a `jti` counts once.
"""

import json
from abc import ABC, abstractmethod
from itertools import chain
from typing import Any

from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask import g
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwt import Token

from idp.oauth.clients.published import verified_by
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.clients.secrets import CLIENT_SECRET_JWT, signing_key
from idp.oauth.clients.signatures import ED25519_NAMES
from idp.oauth.rules.jws_headers import CheckedHeaders
from idp.provider import Provider
from idp.psc.addresses import (
    backchannel_authentication_endpoint,
    device_authorization_endpoint,
    every_address,
    pushed_authorization_endpoint,
    token_endpoint,
)
from idp.store.replay import first_use

HS256 = "HS256"
_MAX_JTI = 256


class ClientAssertion(JWTBearerClientAssertion, ABC):
    """Authenticates a client by an assertion that it signed."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def __call__(self, query_client: Any, request: Any) -> RegisteredClient | None:
        """The client whose assertion holds in every part, or None."""
        if request.form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        assertion = request.form.get("client_assertion", "")
        client: RegisteredClient | None = query_client(_claimed_client(assertion))
        if client is None:
            return None
        signed = self.verified(client, assertion)
        if signed is None or not self._holds(signed.claims, client):
            return None
        return client

    @abstractmethod
    def verified(self, client: RegisteredClient, assertion: str) -> Token | None:
        """The assertion, where the client's own key or secret signed it."""

    def get_audiences(self) -> list[str]:
        """The issuer, or an endpoint at which a client proves who it is.

        RFC 7523, 3; RFC 9126, 2; CIBA Core 7.1; RFC 8628, 3.1.
        """
        settings = self._provider.settings
        endpoints = (
            token_endpoint(settings),
            pushed_authorization_endpoint(settings),
            backchannel_authentication_endpoint(settings),
            device_authorization_endpoint(settings),
        )
        aliases = (every_address(settings, endpoint) for endpoint in endpoints)
        return [settings.issuer, *chain.from_iterable(aliases)]

    def _holds(self, claims: dict[str, Any], client: RegisteredClient) -> bool:
        return (
            claims.get("iss") == client.client_id
            and claims.get("sub") == client.client_id
            and self._is_for_us(claims.get("aud"), client)
            and self._is_timely(claims)
            and self._is_first_use(claims, client.client_id)
        )

    def _is_for_us(self, audience: Any, client: RegisteredClient) -> bool:
        if client.profile.assertions_for_issuer_alone:
            return bool(audience == self._provider.settings.issuer)
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


class PrivateKeyJwt(ClientAssertion):
    """Signed by a key that the client registered, with the algorithm that it registered."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def verified(self, client: RegisteredClient, assertion: str) -> Token | None:
        """The assertion, where one of the client's keys verifies it."""
        registered = client.assertion_signing_alg
        if registered is None:
            return verified_by(client, assertion, list(client.profile.assertion_algorithms))
        names = ED25519_NAMES if registered in ED25519_NAMES else [registered]
        return verified_by(client, assertion, names)


class ClientSecretJwt(ClientAssertion):
    """Signed by the client's secret, of clients that registered this method alone."""

    CLIENT_AUTH_METHOD = CLIENT_SECRET_JWT

    def verified(self, client: RegisteredClient, assertion: str) -> Token | None:
        """The assertion, where the client's secret verifies it."""
        try:
            key = signing_key(client.row, self._provider.sealer)
            checked = CheckedHeaders(algorithms=[HS256])
            return jwt.decode(assertion, key, [HS256], checked) if key else None
        except (JoseError, ValueError, RecursionError):
            return None


def assertion_method(assertion: str) -> str:
    """The method that an assertion uses, by the algorithm that it says it is signed with."""
    try:
        header = jws.extract_compact(assertion.encode()).headers()
    except (JoseError, ValueError, RecursionError):
        return PrivateKeyJwt.CLIENT_AUTH_METHOD
    by_secret = header.get("alg") == HS256
    return (ClientSecretJwt if by_secret else PrivateKeyJwt).CLIENT_AUTH_METHOD


def _claimed_client(assertion: str) -> str:
    """Whose assertion it says it is, before anything is verified."""
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload or b"")
    except (JoseError, ValueError, RecursionError):
        return ""
    subject = claims.get("sub") if isinstance(claims, dict) else None
    return subject if isinstance(subject, str) else ""
