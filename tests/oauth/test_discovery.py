"""Discovery and keys: what is advertised is what is enforced (decision 12)."""

import json
from typing import Any

import pytest

from idp.keys.rotation import rotate
from idp.oauth.rules.checks import RESPONSE_MODES
from tests.oauth.helpers import PROTOCOL, Service, advance, check, parameters

REALM = "/auth/realms/esante-wallet"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}
KEYS = {
    ("sig", "RS256"),
    ("sig", "PS256"),
    ("sig", "ES256"),
    ("enc", "RSA-OAEP-256"),
    ("enc", "ECDH-ES"),
}
SECRETS_POSTED = (
    "token",
    "token/introspect",
    "revoke",
    "ext/par/request",
    "ext/ciba/auth",
    "auth/device",
)
ORDER_OF_PSC = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
    "end_session_endpoint",
    "frontchannel_logout_session_supported",
    "frontchannel_logout_supported",
    "jwks_uri",
    "grant_types_supported",
    "acr_values_supported",
    "response_types_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "userinfo_signing_alg_values_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "response_modes_supported",
    "registration_endpoint",
    "token_endpoint_auth_methods_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    "authorization_signing_alg_values_supported",
    "authorization_encryption_alg_values_supported",
    "authorization_encryption_enc_values_supported",
    "claims_supported",
    "claim_types_supported",
    "claims_parameter_supported",
    "scopes_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "code_challenge_methods_supported",
    "revocation_endpoint",
    "revocation_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "backchannel_logout_supported",
    "backchannel_logout_session_supported",
    "device_authorization_endpoint",
    "backchannel_token_delivery_modes_supported",
    "backchannel_authentication_endpoint",
    "backchannel_authentication_request_signing_alg_values_supported",
    "backchannel_user_code_parameter_supported",
    "require_pushed_authorization_requests",
    "pushed_authorization_request_endpoint",
    "authorization_response_iss_parameter_supported",
    "dpop_signing_alg_values_supported",
]


def document(service: Service) -> dict[str, Any]:
    text = service.http.get(f"{REALM}/.well-known/openid-configuration").text
    return dict(json.loads(text))


def published(service: Service, alg: str) -> list[str]:
    keys = service.http.get(f"{PROTOCOL}/certs").json["keys"]
    return [key["kid"] for key in keys if key["alg"] == alg]


def test_no_private_member_is_published(service: Service) -> None:
    keys = service.http.get(f"{PROTOCOL}/certs").json["keys"]
    assert keys
    for key in keys:
        assert not PRIVATE & set(key)
        assert (key["use"], key["alg"]) in KEYS


def test_members_stand_in_the_order_of_psc(service: Service) -> None:
    """oidcc-discovery-endpoint-verification

    oidcc-backchannel-logout-discovery-endpoint-verification
    """
    assert list(document(service)) == ORDER_OF_PSC


def test_both_well_known_addresses_give_the_same(service: Service) -> None:
    answer = service.http.get(f"{REALM}/.well-known/wallet-openid-configuration")
    assert json.loads(answer.text) == document(service)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_every_advertised_value_is_enforced(service: Service) -> None:
    given = document(service)
    assert given["issuer"] == service.provider.settings.issuer
    assert given["authorization_endpoint"] == "http://localhost:8000/auth"
    for mode in RESPONSE_MODES:
        served = check(service.provider, parameters(response_mode=mode)).response_mode
        assert served == {"jwt": "query.jwt"}.get(mode, mode)
    for scope in given["scopes_supported"]:
        asked = parameters(scope=f"openid {scope}")
        assert scope in check(service.provider, asked).scope.split()
    for unserved in ("check_session", "mtls"):
        assert not [name for name in given if unserved in name]


@pytest.mark.parametrize("path", [*SECRETS_POSTED, "userinfo"])
def test_no_other_address_permits_cors(service: Service, path: str) -> None:
    headers = {"Origin": "https://page.test"}
    answer = service.http.post(f"{PROTOCOL}/{path}", headers=headers)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", SECRETS_POSTED)
def test_get_is_not_allowed_where_secrets_are_posted(service: Service, path: str) -> None:
    assert service.http.get(f"{PROTOCOL}/{path}").status_code == 405


def test_a_rotation_overlaps(service: Service) -> None:
    """oidcc-server-rotate-keys: published before use, verifiable after it."""
    provider = service.provider
    before = service.sign_in()
    old = provider.keyring.active("tokens")
    with provider.store.begin() as db:
        fresh = rotate(db, provider.sealer, provider.settings, provider.clock.now(), current=old)
    provider.keyring.forget()
    assert published(service, "RS256") == [old.kid, fresh.kid]
    assert service.userinfo(before["access_token"]).status_code == 200
    advance(provider, provider.settings.key_overlap.total_seconds() - 60)
    late = service.sign_in()
    advance(provider, 61)
    assert provider.keyring.active("tokens").kid == fresh.kid
    assert service.userinfo(late["access_token"]).status_code == 200
    assert service.claims(service.sign_in()["id_token"])
    advance(provider, provider.settings.session_lifetime.total_seconds())
    assert published(service, "RS256") == [fresh.kid]
