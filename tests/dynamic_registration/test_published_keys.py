"""Keys that a client publishes (`jwks_uri`), where registered ones hold."""

import json
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey

from idp.oauth.clients.metadata import read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.store.clients import find_client
from tests.dynamic_registration.helpers import (
    CALLBACK,
    Developer,
    Site,
    fetch,
    key_set,
    new_key,
    permit,
    signed,
)
from tests.oauth.helpers import REDIRECT, Service, advance, events

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def key() -> ECKey:
    return new_key("first")


@pytest.fixture
def client(tester: Developer, site: Site, key: ECKey) -> dict[str, Any]:
    url = site.publish("/keys", json.dumps(key_set(key)).encode())
    return tester.registered(token_endpoint_auth_method="private_key_jwt", jwks_uri=url)


def authenticate(developer: Developer, provider: Provider, client_id: str, key: ECKey) -> int:
    """What an endpoint that asks for authentication answers."""
    now = provider.clock.now()
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": provider.settings.issuer,
        "exp": int(now.timestamp()) + 60,
        "jti": f"{now.timestamp()}",
    }
    answer = developer.http.post(
        f"{provider.settings.realm_path}/protocol/openid-connect/token/introspect",
        data={
            "token": "x",
            "client_assertion_type": ASSERTION,
            "client_assertion": signed(key, claims),
        },
    )
    return int(answer.status_code)


def test_a_client_authenticates_once_its_keys_are_held(
    tester: Developer, provider: Provider, client: dict[str, Any], key: ECKey
) -> None:
    """oidcc-registration-jwks-uri: its keys are never told as its `jwks` (RFC 7591, 2)."""
    assert authenticate(tester, provider, client["client_id"], key) == 401
    fetch(provider)
    assert authenticate(tester, provider, client["client_id"], key) == 200
    read = tester.manage("GET", client).json
    assert read["jwks_uri"] == client["jwks_uri"]
    assert "jwks" not in read


def test_a_rotated_key_is_fetched_when_it_is_met(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    """oidcc-refresh-token-rp-key-rotation: the request in hand fails, the next one works."""
    fetch(provider)
    fresh = new_key("second")
    site.publish("/keys", json.dumps(key_set(fresh)).encode())
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    assert authenticate(tester, provider, client["client_id"], fresh) == 401
    assert fetch(provider) == 1
    assert authenticate(tester, provider, client["client_id"], fresh) == 200
    assert authenticate(tester, provider, client["client_id"], key) == 401


def test_a_stranger_cannot_have_keys_fetched_again_and_again(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site
) -> None:
    fetch(provider)
    for _ in range(5):
        assert authenticate(tester, provider, client["client_id"], new_key("x")) == 401
        fetch(provider)
    assert site.asked == ["/keys"]
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    for _ in range(5):
        assert authenticate(tester, provider, client["client_id"], new_key("x")) == 401
        fetch(provider)
    assert site.asked == ["/keys"] * 2


def test_keys_that_fail_later_leave_the_held_ones(
    tester: Developer, provider: Provider, client: dict[str, Any], site: Site, key: ECKey
) -> None:
    fetch(provider)
    site.publish("/keys", b"broken")
    advance(provider, provider.settings.document_longest_age.total_seconds())
    assert fetch(provider) == 1
    assert authenticate(tester, provider, client["client_id"], key) == 200


def test_a_start_that_reads_the_same_registration_keeps_the_keys(
    app: Flask, provider: Provider, site: Site, key: ECKey
) -> None:
    """The clients' file is read at every start; another address begins anew."""
    permit(provider)
    given: dict[str, Any] = {
        "client_id": "of-the-file",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "development": True,
        "jwks_uri": site.publish("/keys", json.dumps(key_set(key)).encode()),
    }

    def put(values: dict[str, Any]) -> Any:
        with provider.store.begin() as db:
            register(
                db,
                read_metadata(values),
                kind=provider.kind,
                sealer=provider.sealer,
                now=provider.clock.now(),
            )
        with provider.store.read() as db:
            row = find_client(db, "of-the-file")
        assert row is not None
        return row.jwks

    put(given)
    fetch(provider)
    assert put(given) == key_set(key)
    assert "oauth:client:changed" not in events(provider)
    assert put(given | {"jwks_uri": site.url("/others")}) is None
    assert authenticate(Developer(app), provider, "of-the-file", key) == 401


def test_a_key_to_encrypt_to_is_fetched_when_it_is_missed(
    tester: Developer, provider: Provider, site: Site, key: ECKey
) -> None:
    """What cannot be encrypted is not issued (RFC 7591, 2: `id_token_encrypted_response_alg`)."""
    client = tester.registered(
        redirect_uris=[REDIRECT],
        jwks_uri=site.publish("/keys", json.dumps(key_set(key)).encode()),
        id_token_encrypted_response_alg="ECDH-ES",
    )
    fetch(provider)
    service = Service(tester.app, provider, client["client_id"], client["client_secret"])
    fit = ECKey.generate_key("P-256", {"kid": "enc", "use": "enc"})
    site.publish("/keys", json.dumps(key_set(key, fit)).encode())
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    assert service.exchange(service.authorize()["code"]).status_code == 400
    assert fetch(provider) == 1
    token = service.sign_in()["id_token"]
    assert token.count(".") == 4
