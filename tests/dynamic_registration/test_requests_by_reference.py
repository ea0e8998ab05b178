"""Request objects by reference (OpenID Connect Core 6.2; RFC 9101, 5.2; decision 40)."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from idp.provider import Provider
from tests.dynamic_registration.helpers import (
    CALLBACK,
    Developer,
    Site,
    fetch,
    key_set,
    new_key,
    signed,
)
from tests.oauth.helpers import advance
from tests.signin.helpers import authorize

JWT = "application/oauth-authz-req+jwt"


@pytest.fixture
def key() -> ECKey:
    return new_key()


@pytest.fixture
def client(tester: Developer, site: Site, key: ECKey) -> dict[str, Any]:
    registered = [site.url("/request"), site.url("/hashed") + "#old"]
    return tester.registered(request_uris=registered, jwks=key_set(key))


def request_object(provider: Provider, client: dict[str, Any], key: ECKey, **changes: Any) -> bytes:
    now = int(provider.clock.now().timestamp())
    claims = {
        "iss": client["client_id"],
        "aud": provider.settings.issuer,
        "client_id": client["client_id"],
        "exp": now + 300,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid",
        "state": "of-the-object",
    }
    return signed(key, claims | changes).encode()


def digest_of(text: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()


def refusal(developer: Developer, client: dict[str, Any], **parameters: str) -> str:
    response = authorize(developer.http, client_id=client["client_id"], **parameters)
    assert response.status_code == 303, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return query.get("error", [""])[0]


def test_an_address_that_is_not_registered_is_refused_and_never_called(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site
) -> None:
    uri = site.url("/elsewhere")
    assert refusal(tester, client, request_uri=uri) == "invalid_request_uri"
    fetch(provider)
    assert "/elsewhere" not in site.asked


@pytest.mark.parametrize("uri", ["/request/../request", "/request?x=1", "/REQUEST", "/request/"])
def test_addresses_are_compared_exactly(
    tester: Developer, client: dict[str, Any], site: Site, uri: str
) -> None:
    assert refusal(tester, client, request_uri=site.url(uri)) == "invalid_request_uri"


def test_a_client_that_registers_none_is_told_so(tester: Developer, site: Site) -> None:
    client = tester.registered()
    error = refusal(tester, client, request_uri=site.url("/request"))
    assert error == "request_uri_not_supported"


def test_what_was_not_fetched_yet_is_refused_and_fetched_for_the_next(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    fetch(provider)
    uri = site.publish("/request", request_object(provider, client, key), JWT)
    asked = len(site.asked)
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    assert refusal(tester, client, request_uri=uri) == "invalid_request_uri"
    assert len(site.asked) == asked
    fetch(provider)
    assert refusal(tester, client, request_uri=uri) == ""


def test_the_object_counts_and_nothing_beside_it(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    """RFC 9101, 5; oidcc-request-uri-signed-rs256, with ES256."""
    text = request_object(provider, client, key, redirect_uri="https://evil.test/")
    uri = site.publish("/request", text, JWT)
    fetch(provider)
    page = authorize(tester.http, client_id=client["client_id"], request_uri=uri)
    assert page.status_code == 400
    text = request_object(provider, client, key, scope="nothing")
    site.publish("/request", text, JWT)
    advance(provider, provider.settings.document_longest_age.total_seconds())
    site.publish("/request", request_object(provider, client, key, scope="nothing"), JWT)
    fetch(provider)
    assert refusal(tester, client, request_uri=uri) == "invalid_scope"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"aud": "https://elsewhere.test"}, "invalid_request_object"),
        ({"iss": "another"}, "invalid_request_object"),
        ({"exp": 1}, "invalid_request_object"),
        ({"request_uri": "https://service.test/r"}, "invalid_request_object"),
    ],
    ids=str,
)
def test_an_object_must_hold_as_one_by_value(
    tester: Developer,
    provider: Provider,
    client: dict[str, Any],
    site: Site,
    key: ECKey,
    *,
    changes: dict[str, Any],
    error: str,
) -> None:
    uri = site.publish("/request", request_object(provider, client, key, **changes), JWT)
    fetch(provider)
    assert refusal(tester, client, request_uri=uri) == error


def test_an_unsigned_object_is_refused(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    """oidcc-request-uri-unsigned: not served, as discovery says."""
    text = request_object(provider, client, key).rpartition(b".")[0] + b"."
    uri = site.publish("/request", text, JWT)
    fetch(provider)
    assert refusal(tester, client, request_uri=uri) == "request_not_supported"


def test_both_ways_at_once_are_refused(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    text = request_object(provider, client, key)
    uri = site.publish("/request", text, JWT)
    fetch(provider)
    error = refusal(tester, client, request_uri=uri, request=text.decode())
    assert error == "invalid_request"


def test_another_digest_has_the_object_fetched_anew(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    """Core 6.2: the fragment names the content."""
    first = request_object(provider, client, key, nonce="1")
    uri = site.publish("/hashed", first, JWT)
    fetch(provider)
    assert refusal(tester, client, request_uri=f"{uri}#{digest_of(first)}") == ""
    second = request_object(provider, client, key, nonce="2")
    site.publish("/hashed", second, JWT)
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    renewed = f"{uri}#{digest_of(second)}"
    assert refusal(tester, client, request_uri=renewed) == "invalid_request_uri"
    fetch(provider)
    assert refusal(tester, client, request_uri=renewed) == ""
    stale = f"{uri}#{digest_of(first)}"
    assert refusal(tester, client, request_uri=stale) == "invalid_request_uri"


def test_discovery_says_so(tester: Developer, provider: Provider) -> None:
    path = f"{provider.settings.realm_path}/.well-known/openid-configuration"
    document = tester.http.get(path).json
    assert document["request_uri_parameter_supported"] is True
    assert document["require_request_uri_registration"] is True
