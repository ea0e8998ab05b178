"""Client authentication (RFC 6749, 2.3): the registered method, and one at a time.

Failures are counted per address, so that a stranger fills no journal; what holds is never refused,
for services of one hospital share an address (decision 24). The reason of a failure is never told
apart, so that an answer does not say whether a client exists.
"""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.authenticate_client import ClientAuthentication as StockAuthentication
from flask import g, request
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.networks import factor_of, site_of
from idp.oauth.clients.assertion import ClientSecretJwt, PrivateKeyJwt, assertion_method
from idp.oauth.clients.certificate_authentication import METHODS as CERTIFICATE_METHODS
from idp.oauth.clients.certificate_authentication import CertificateAuthentication
from idp.oauth.clients.registered import RegisteredClient
from idp.provider import Provider
from idp.store.throttle import count_event, events_counted

_WINDOW = timedelta(minutes=1)

FindClient = Callable[[str], RegisteredClient | None]


class InvalidClient(InvalidClientError):
    """401 `invalid_client`, with the challenge that RFC 9110 demands (RFC 6749, 5.2)."""

    status_code = 401
    description = "Client authentication failed."

    def get_headers(self) -> list[tuple[str, str]]:
        """Names the scheme that a client may use in a header."""
        headers: list[tuple[str, str]] = super(InvalidClientError, self).get_headers()
        return [*headers, ("WWW-Authenticate", 'Basic realm="oauth", error="invalid_client"')]


class TooManyFailures(OAuth2Error):
    """Client authentication failed too often from this address: wait."""

    error = "temporarily_unavailable"
    description = "Too many failed client authentications: try again later."
    status_code = 429

    def get_headers(self) -> list[tuple[str, str]]:
        """Tells how long to wait, in seconds."""
        headers: list[tuple[str, str]] = super().get_headers()
        return [*headers, ("Retry-After", str(int(_WINDOW.total_seconds())))]


class ClientAuthentication(StockAuthentication):
    """Finds the one method a request uses, and holds the client to the one it registered."""

    def __init__(self, provider: Provider, find_client: FindClient) -> None:
        super().__init__(find_client)
        self._provider = provider
        self.register("client_secret_basic", _by_basic)
        self.register("client_secret_post", _by_post)
        for assertion in (PrivateKeyJwt(provider), ClientSecretJwt(provider)):
            self.register(assertion.CLIENT_AUTH_METHOD, assertion)
        by_certificate = CertificateAuthentication(provider)
        for method in CERTIFICATE_METHODS:
            self.register(method, by_certificate)
        self.register("none", _by_identifier)

    def authenticate(self, given: Any, methods: list[str], endpoint: str) -> RegisteredClient:
        """The authenticated client.

        Raises:
            InvalidRequestError: two methods at once.
            InvalidClient: anything that does not hold.
            TooManyFailures: this address failed too often.
        """
        used = _methods_used(given)
        if len(used) > 1:
            raise InvalidRequestError("More than one client authentication method is used.")
        method = used[0] if used else self._method_without_secret(given)
        client: RegisteredClient | None = None
        if method in methods:
            client = self._methods[method](self.query_client, given)
        if client is None or not client.check_endpoint_auth_method(method, endpoint):
            raise self._refusal()
        if given.payload.client_id not in (None, client.client_id):
            raise self._refusal()
        given.auth_method = method
        return client

    def _method_without_secret(self, given: Any) -> str:
        """A certificate stands in no parameter: who registered one is asked for it."""
        client = _by_identifier(self.query_client, given)
        registered = client.row.auth_method if client else "none"
        return registered if registered in CERTIFICATE_METHODS else "none"

    def _refusal(self) -> OAuth2Error:
        """The error of a failure; past the limit it is neither counted nor recorded."""
        limit = _limit(self._provider)
        now = self._provider.clock.now()
        if limit is not None and events_counted(g.oauth_db, _key(), now=now) >= limit:
            return TooManyFailures()
        g.client_refused = True
        return InvalidClient()


def note_refusal(provider: Provider, db: Session) -> None:
    """Count and record a failed client authentication, in a transaction of its own."""
    now = provider.clock.now()
    if _limit(provider) is not None:
        count_event(db, _key(), window=_WINDOW, now=now)
    record(db, Event.CLIENT_REFUSED, now=now, success=False)


def _methods_used(given: Any) -> list[str]:
    form = given.form
    return [
        method
        for method, used in (
            ("client_secret_basic", _has_basic(given)),
            ("client_secret_post", "client_secret" in form),
            (
                assertion_method(form.get("client_assertion", "")),
                "client_assertion" in form or "client_assertion_type" in form,
            ),
        )
        if used
    ]


def _has_basic(given: Any) -> bool:
    scheme: str = given.headers.get("Authorization", "").partition(" ")[0]
    return scheme.lower() == "basic"


def _by_basic(find_client: FindClient, given: Any) -> RegisteredClient | None:
    encoded = given.headers["Authorization"].partition(" ")[2]
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return None
    client_id, separator, secret = decoded.partition(":")
    if not separator:
        return None
    # RFC 6749, 2.3.1 encodes both parts as a form; clients that forget to are common.
    client = find_client(unquote_plus(client_id)) or find_client(client_id)
    if client is None:
        return None
    holds = client.check_client_secret(unquote_plus(secret)) or client.check_client_secret(secret)
    return client if holds else None


def _by_post(find_client: FindClient, given: Any) -> RegisteredClient | None:
    client = find_client(given.form.get("client_id", ""))
    if client is None or not client.check_client_secret(given.form["client_secret"]):
        return None
    return client


def _by_identifier(find_client: FindClient, given: Any) -> RegisteredClient | None:
    return find_client(given.form.get("client_id", ""))


def _limit(provider: Provider) -> int | None:
    limit = provider.settings.token_requests_per_address
    if not limit:
        return None
    return limit * factor_of(provider.settings.address_limits, request.remote_addr)


def _key() -> str:
    return f"client-authentication:{site_of(request.remote_addr)}"
