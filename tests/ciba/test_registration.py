"""What a client registers for CIBA, how it is told, and what discovery says (CIBA Core 4, 7.1)."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from idp.keys.sealing import Sealer
from idp.oauth.ciba.start import CALLBACK_SEAL
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.oauth.clients.registered import CIBA
from idp.oauth.rules.client_profiles import CLIENT_PROFILES
from idp.provider import Provider
from idp.rewrapping import rewrap
from idp.store.clients import find_client
from tests.ciba.helpers import (
    NOTIFICATION_TOKEN,
    NOTIFIED_AT,
    OTHER_SIGNER,
    SIGNER,
    CibaService,
    add_ciba_client,
    add_notified_client,
    public_keys,
    requests,
    service,
)
from tests.ciba.refusals import refused
from tests.oauth.helpers import PROTOCOL

BAD_TOKENS = {
    "missing": None,
    "empty": "",
    "too little of it": "a" * 21,
    "too long": "a" * 1025,
    "no bearer token": "a" * 30 + " b",
    "padding inside": "a" * 30 + "=b",
}


@pytest.mark.parametrize("mode", ["ping", "push"])
@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_client_that_is_told_needs_a_notification_token(
    app: Flask, provider: Provider, mode: str, token: str | None
) -> None:
    """CIBA Core 7.1: a bearer token of 128 random bits and 1024 characters at most."""
    add_notified_client(provider, mode)
    refused(service(app).ask(client_notification_token=token), "invalid_request")


@pytest.mark.parametrize(("mode", "interval"), [("ping", 1), ("push", None)])
def test_what_tells_a_client_is_sealed_at_rest(
    app: Flask, provider: Provider, mode: str, interval: int | None
) -> None:
    """CIBA Core 7.3: a client that is sent its tokens never asks."""
    add_notified_client(provider, mode)
    answer = service(app).begin(client_notification_token=NOTIFICATION_TOKEN)
    assert answer.get("interval") == interval
    kept = requests(provider)[0]
    assert kept.delivery == mode
    assert kept.callback_sealed is not None
    assert NOTIFICATION_TOKEN.encode() not in kept.callback_sealed
    assert answer["auth_req_id"].encode() not in kept.callback_sealed


def test_a_token_of_a_poll_client_is_ignored(client: CibaService, provider: Provider) -> None:
    """CIBA Core 7.1: it is required where it is used."""
    client.begin(client_notification_token="x")
    assert requests(provider)[0].callback_sealed is None


REGISTRATIONS: dict[str, dict[str, Any]] = {
    "no such mode": {"backchannel_token_delivery_mode": "pull"},
    "ping without address": {"backchannel_token_delivery_mode": "ping"},
    "push without address": {"backchannel_token_delivery_mode": "push"},
    "address without TLS": {"backchannel_client_notification_endpoint": "http://service.test/c"},
    "address at another port": {
        "backchannel_client_notification_endpoint": "https://service.test:8443/c"
    },
    "symmetric signature": {
        "backchannel_authentication_request_signing_alg": "HS256",
        "jwks": public_keys(SIGNER),
    },
    "no signature": {
        "backchannel_authentication_request_signing_alg": "none",
        "jwks": public_keys(SIGNER),
    },
    "signature of another kind": {
        "backchannel_authentication_request_signing_alg": "RS256",
        "jwks": public_keys(SIGNER),
    },
    "signature without keys": {"backchannel_authentication_request_signing_alg": "PS256"},
    "user code that is no truth": {"backchannel_user_code_parameter": "sometimes"},
    "public client": {"token_endpoint_auth_method": "none"},
}


@pytest.mark.parametrize("changes", REGISTRATIONS.values(), ids=REGISTRATIONS.keys())
def test_a_registration_that_cannot_be_served_is_refused(
    provider: Provider, changes: dict[str, Any]
) -> None:
    """CIBA Core 4: metadata promises nothing that is not enforced."""
    with pytest.raises(ClientMetadataRefused):
        add_ciba_client(provider, **changes)


def test_a_client_without_a_browser_needs_no_redirect_uri(app: Flask, provider: Provider) -> None:
    add_ciba_client(provider, grant_types=[CIBA], redirect_uris=[])
    service(app).begin()


def test_discovery_says_what_is_served(app: Flask, provider: Provider) -> None:
    """CIBA Core 4; fapi-ciba-id1-discovery-end-point-verification"""
    issuer = provider.settings.issuer
    http = app.test_client()
    told: Any = http.get(
        f"{PROTOCOL.removesuffix('/protocol/openid-connect')}/.well-known/openid-configuration"
    ).json
    assert told["backchannel_authentication_endpoint"] == (
        f"{issuer}/protocol/openid-connect/ext/ciba/auth"
    )
    assert told["backchannel_token_delivery_modes_supported"] == ["poll", "ping", "push"]
    assert told["backchannel_user_code_parameter_supported"] is True
    assert CIBA in told["grant_types_supported"]
    algorithms = told["backchannel_authentication_request_signing_alg_values_supported"]
    assert algorithms
    assert not {"none", "HS256"} & set(algorithms)
    for number, algorithm in enumerate(algorithms):
        add_ciba_client(
            provider,
            f"c{number}",
            backchannel_authentication_request_signing_alg=algorithm,
            jwks=public_keys(SIGNER, OTHER_SIGNER),
        )


def test_the_notification_address_is_kept_with_the_client(provider: Provider) -> None:
    add_notified_client(provider, "ping")
    with provider.store.read() as db:
        client = find_client(db, "ciba")
    assert client is not None
    assert client.options["backchannel_client_notification_endpoint"] == NOTIFIED_AT


def test_what_is_sealed_survives_a_new_master_key(app: Flask, provider: Provider) -> None:
    """Decision 23: a request under way is still told to its client."""
    add_notified_client(provider, "ping")
    begun = service(app).begin(client_notification_token=NOTIFICATION_TOKEN)
    renewed = Sealer(bytes(range(32)))
    with provider.store.begin() as db:
        rewrap(db, provider.sealer, renewed)
    sealed = requests(provider)[0].callback_sealed
    assert sealed is not None
    assert json.loads(renewed.open(sealed, purpose=CALLBACK_SEAL)) == {
        "auth_req_id": begun["auth_req_id"],
        "client_notification_token": NOTIFICATION_TOKEN,
    }


def test_a_profile_may_demand_that_requests_are_signed(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAPI-CIBA 5.2.2."""
    demanding = replace(CLIENT_PROFILES["strict"], signed_ciba_requests=True)
    monkeypatch.setitem(CLIENT_PROFILES, "strict", demanding)
    with pytest.raises(ClientMetadataRefused):
        add_ciba_client(provider, profile="strict")
    add_ciba_client(
        provider,
        profile="strict",
        jwks=public_keys(SIGNER),
        backchannel_authentication_request_signing_alg="PS256",
    )
