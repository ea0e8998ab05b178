"""FAPI 2.0 Security Profile: the whole walk, and what discovery tells, module by module."""

import pytest
from joserfc import jws

from tests.conformance.fapi import (
    ISSUER,
    PAR,
    VARIANTS,
    FapiClient,
    name_of,
)


# The whole walk
def test_a_person_signs_in_to_a_client_of_the_profile(client: FapiClient) -> None:
    """fapi2-security-profile-final-happy-flow"""
    answer = client.returned(client.open(request_uri=client.pushed()))
    assert answer["iss"] == ISSUER
    token = client.redeem(answer["code"]).json
    assert token["token_type"] == ("DPoP" if client.variant.bound_by == "DPoP" else "Bearer")
    alg = jws.extract_compact(token["id_token"].encode()).headers()["alg"]
    assert alg in {"PS256", "ES256"}
    claims = client.claims(token["id_token"])
    assert (claims["aud"], claims["nonce"]) == ("fapi", "n1")
    assert client.userinfo(token["access_token"]).json["sub"] == claims["sub"]


def test_state_may_be_left_out(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-authorization-request-without-state-success"""
    answer = client.returned(client.open(request_uri=client.pushed(state=None)))
    assert "state" not in answer
    assert client.redeem(answer["code"]).status_code == 200


def test_nonce_may_be_left_out(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-authorization-request-without-nonce-success"""
    assert "nonce" not in client.claims(client.tokens(nonce=None)["id_token"])


@pytest.mark.parametrize("length", [64, 384])
def test_a_long_nonce_comes_back_whole(client: FapiClient, length: int) -> None:
    """fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success

    fapi2-security-profile-final-ensure-authorization-request-with-long-nonce
    """
    nonce = "n" * length
    assert client.claims(client.tokens(nonce=nonce)["id_token"])["nonce"] == nonce


def test_a_long_state_comes_back_whole(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-authorization-request-with-long-state"""
    state = "s" * 1024
    answer = client.returned(client.open(request_uri=client.pushed(state=state)))
    assert answer["state"] == state


def test_scopes_stand_in_any_order(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-other-scope-order-succeeds"""
    assert client.tokens(scope="scope_all openid")["id_token"]


def test_claims_are_given_where_they_are_asked_for(client: FapiClient) -> None:
    """fapi2-security-profile-final-test-claims-parameter-identity-claims"""
    asked = '{"id_token": {"family_name": {"essential": true}}, "userinfo": {"given_name": null}}'
    token = client.tokens(scope="openid", claims=asked)
    assert client.claims(token["id_token"])["family_name"]
    assert client.userinfo(token["access_token"]).json["given_name"]


def test_the_scheme_of_a_token_is_read_in_any_case(client: FapiClient) -> None:
    """fapi2-security-profile-final-access-token-type-header-case-sensitivity"""
    token = client.tokens()["access_token"]
    usual = "DPoP" if client.variant.bound_by == "DPoP" else "Bearer"
    for scheme in (usual.lower(), usual.upper(), usual.title()):
        assert client.userinfo(token, scheme=scheme).status_code == 200, scheme


def test_a_refresh_token_serves_again_and_again(client: FapiClient) -> None:
    """fapi2-security-profile-final-refresh-token; decision 9: bound to its sender, not rotated."""
    given = client.tokens()["refresh_token"]
    for _ in range(2):
        answer = client.refresh(given)
        assert answer.status_code == 200, answer.text
        assert client.userinfo(answer.json["access_token"]).status_code == 200
        given = answer.json["refresh_token"]
    assert client.refresh(client.tokens()["refresh_token"]).status_code == 200


# Discovery
@pytest.mark.parametrize("variant", VARIANTS[:1], ids=name_of)
def test_discovery_tells_what_the_profile_needs(client: FapiClient) -> None:
    """fapi2-security-profile-final-discovery-end-point-verification"""
    told = client.http.get(
        ISSUER.removeprefix("http://localhost:8000") + "/.well-known/openid-configuration"
    ).json
    assert told["pushed_authorization_request_endpoint"].endswith(PAR)
    assert told["authorization_response_iss_parameter_supported"] is True
    assert "S256" in told["code_challenge_methods_supported"]
    assert {"PS256", "ES256"} <= set(told["id_token_signing_alg_values_supported"])
    assert {"PS256", "ES256"} <= set(told["token_endpoint_auth_signing_alg_values_supported"])
    assert {"private_key_jwt", "self_signed_tls_client_auth", "tls_client_auth"} <= set(
        told["token_endpoint_auth_methods_supported"]
    )
    assert {"PS256", "ES256"} <= set(told["dpop_signing_alg_values_supported"])
