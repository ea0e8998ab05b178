"""Asking a trusted issuer, outside any request: for its keys, and whether a session lives.

Addresses are the operator's; they are resolved, judged and bounded as those that clients give
(decision 40).
"""

import base64
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from idp.oauth.clients.metadata.values import check_public_keys
from idp.oauth.rules.json_text import read_object
from idp.oauth.tokens.introspection import SESSION_ACTIVE
from idp.outbox.addresses import AddressRefused, AddressUnresolved, VettedAddress, vet
from idp.outbox.outbound import Fetched, TooLong, Unreachable, ask, fetch
from idp.provider import Provider
from idp.psc.addresses import CERTS, INTROSPECTION
from idp.settings.exchange import TrustedIssuer

_LONGEST = 256 * 1024
_OK = 200


class NoAnswer(Exception):
    """The issuer did not give an answer that can be relied on; the text says what was wrong."""


def fetch_keys(provider: Provider, trusted: TrustedIssuer) -> dict[str, Any]:
    """The keys that verify its signatures, as it publishes them now.

    Raises:
        NoAnswer: there is no key set to be had.
    """
    address = _vetted(provider, trusted.jwks_uri or trusted.issuer + CERTS)
    timeout = provider.settings.carrier_timeout.total_seconds()
    try:
        answer = fetch(address, accept="application/json", longest=_LONGEST, timeout=timeout)
    except (Unreachable, TooLong) as error:
        raise NoAnswer(f"{type(error).__name__} {error}") from error
    published = _document(answer).get("keys")
    if not isinstance(published, list):
        raise NoAnswer("no key set")
    jwks = {"keys": [key for key in published if _verifies(key)]}
    try:
        check_public_keys(jwks)
    except ValueError as error:
        raise NoAnswer(str(error)) from error
    return jwks


def session_lives(provider: Provider, trusted: TrustedIssuer, token: str) -> bool:
    """Whether the session of an access token still lives there, also where the token lapsed.

    Raises:
        NoAnswer: it did not say.
    """
    address = _vetted(provider, trusted.introspection_endpoint or trusted.issuer + INTROSPECTION)
    secret = trusted.client_secret.get_secret_value()
    pair = f"{quote_plus(trusted.client_id)}:{quote_plus(secret)}"
    headers = {
        "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    content = urlencode({"token": token, "token_type_hint": "access_token"}).encode()
    timeout = provider.settings.carrier_timeout.total_seconds()
    try:
        answer = ask(address, content=content, headers=headers, longest=_LONGEST, timeout=timeout)
    except (Unreachable, TooLong) as error:
        raise NoAnswer(f"{type(error).__name__} {error}") from error
    told = _document(answer)
    if not isinstance(told.get("active"), bool):
        raise NoAnswer("no introspection answer")
    return told["active"] is True or told.get(SESSION_ACTIVE) is True


def _vetted(provider: Provider, url: str) -> VettedAddress:
    try:
        host = urlsplit(url).hostname or ""
        return vet(url, hosts=(host,), loopback=provider.settings.dev)
    except (AddressRefused, AddressUnresolved, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__} {error}") from error


def _document(answer: Fetched) -> dict[str, Any]:
    if answer.status != _OK:
        raise NoAnswer(f"http {answer.status}")
    try:
        return read_object(answer.body)
    except ValueError as error:
        raise NoAnswer("no JSON object") from error


def _verifies(key: Any) -> bool:
    return isinstance(key, dict) and key.get("use", "sig") == "sig"
