"""What the FAPI profile demands where a client is registered (decisions 9, 10 and 29)."""

from typing import Any

import pytest
from joserfc import jws

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registered import CIBA
from idp.provider import Provider
from tests.conformance.fapi import KEY, PKJWT_DPOP, FapiClient, sign_in_browser
from tests.oauth.helpers import REDIRECT, SECRET, add_client, advance

FITTING: dict[str, Any] = {
    "client_id": "fapi",
    "profile": "fapi",
    "redirect_uris": [REDIRECT],
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": {"keys": [KEY.as_dict(private=False)]},
    "dpop_bound_access_tokens": True,
}
ENDPOINT = "https://service.test/ciba"


def test_what_fits_is_registered() -> None:
    assert read_metadata(FITTING).profile == "fapi"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"token_endpoint_auth_method": "none", "jwks": None}, "authenticates by"),
        (
            {
                "token_endpoint_auth_method": "client_secret_basic",
                "client_secret": SECRET,
                "jwks": None,
            },
            "authenticates by",
        ),
        ({"dpop_bound_access_tokens": False}, "needs dpop_bound_access_tokens or"),
        ({"token_endpoint_auth_signing_alg": "RS256"}, "token_endpoint_auth_signing_alg"),
        ({"request_object_signing_alg": "RS256"}, "request_object_signing_alg"),
        ({"id_token_signed_response_alg": "RS256"}, "id_token_signed_response_alg"),
        ({"grant_types": [CIBA]}, "needs backchannel_authentication_request_signing_alg"),
        (
            {
                "backchannel_token_delivery_mode": "push",
                "backchannel_client_notification_endpoint": ENDPOINT,
            },
            "push",
        ),
    ],
    ids=[
        "public",
        "by-secret",
        "unbound",
        "rs256-assertions",
        "rs256-requests",
        "rs256-id-tokens",
        "unsigned-ciba",
        "push",
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ClientMetadataRefused, match=named):
        read_metadata(FITTING | changes)


@pytest.fixture
def client(provider: Provider, app: Any) -> FapiClient:
    made = FapiClient(app, provider, PKJWT_DPOP).register()
    sign_in_browser(made)
    return made


def test_a_refresh_token_lapses_when_it_is_not_used(client: FapiClient) -> None:
    """Decisions 8 and 9: each use gives it another half an hour, and its session ends it."""
    token, settings = client.tokens()["refresh_token"], client.provider.settings
    step = settings.refresh_token_lifetime.total_seconds() - 60
    for _ in range(int(settings.session_lifetime.total_seconds() // step)):
        advance(client.provider, step)
        assert client.refresh(token).status_code == 200
    advance(client.provider, step)
    assert client.refresh(token).json["error"] == "invalid_grant"
    token = _again(client).tokens()["refresh_token"]
    advance(client.provider, settings.refresh_token_lifetime.total_seconds())
    assert client.refresh(token).json["error"] == "invalid_grant"


def test_a_token_that_was_replaced_before_the_profile_changed_serves_no_more(
    client: FapiClient,
) -> None:
    """Decision 9: the stored row decides."""
    add_client(
        client.provider,
        "fapi",
        **{name: value for name, value in FITTING.items() if name not in {"client_id", "profile"}},
        profile="strict",
    )
    first = client.tokens()["refresh_token"]
    assert client.refresh(first).status_code == 200
    client.register()
    assert client.refresh(first).json["error"] == "invalid_grant"


def test_access_tokens_are_not_rs256(client: FapiClient) -> None:
    """FAPI 2.0 Security Profile, 5.4.1."""
    token = client.tokens()["access_token"]
    assert jws.extract_compact(token.encode()).headers()["alg"] in {"PS256", "ES256"}


def _again(client: FapiClient) -> FapiClient:
    sign_in_browser(client)
    return client
