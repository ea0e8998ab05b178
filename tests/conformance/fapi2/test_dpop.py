"""FAPI 2.0 Security Profile: DPoP proofs and bound codes, module by module."""

from typing import Any

import pytest

from tests.conformance.fapi import (
    DPOP_KEY,
    PAR,
    TOKEN,
    USERINFO,
    FapiClient,
)
from tests.conformance.fapi2.helpers import STRANGERS_KEY, by_dpop, error
from tests.oauth.dpop import claims_at, header_of, signed


# DPoP
@by_dpop
@pytest.mark.parametrize("seconds", [-10, 10])
def test_a_proof_ten_seconds_off_is_taken(client: FapiClient, seconds: int) -> None:
    """fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds

    fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds
    """
    iat = client.provider.clock.timestamp() + seconds
    assert client.redeem(client.code(), proof=client.proof(TOKEN, iat=iat)).status_code == 200


@by_dpop
def test_a_proof_may_say_when_it_begins_and_ends(client: FapiClient) -> None:
    """fapi2-security-profile-final-check-dpop-proof-nbf-exp"""
    now = client.provider.clock.timestamp()
    proof = client.proof(TOKEN, nbf=now, exp=now + 60)
    assert client.redeem(client.code(), proof=proof).status_code == 200


@by_dpop
@pytest.mark.parametrize(
    "spoiled",
    [
        {"htm": "GET"},
        {"htu": "http://localhost:8000/elsewhere"},
        {"iat": 0},
        {"jti": None},
        {"htu": None},
        {"htm": None},
        {"iat": None},
    ],
    ids=["method", "address", "old", "no-jti", "no-htu", "no-htm", "no-iat"],
)
def test_a_proof_that_does_not_hold_is_refused(client: FapiClient, spoiled: dict[str, Any]) -> None:
    """fapi2-security-profile-final-dpop-negative-tests"""
    spoiled = {"htu": f"http://localhost:8000{TOKEN}", "htm": "POST"} | spoiled
    refused = client.redeem(client.code(), proof=_proof(client, **spoiled))
    assert error(refused) == "invalid_dpop_proof"


@by_dpop
def test_a_proof_counts_once_and_for_its_own_token(client: FapiClient) -> None:
    """fapi2-security-profile-final-dpop-negative-tests"""
    proof = client.proof(TOKEN)
    token = client.redeem(client.code(), proof=proof).json["access_token"]
    assert error(client.redeem(client.code(), proof=proof)) == "invalid_dpop_proof"
    for spoiled in ({"ath": "x" * 43}, {}, {"ath": "x" * 43, "htm": "POST"}):
        bad = _proof(
            client, **({"htu": f"http://localhost:8000{USERINFO}", "htm": "GET"} | spoiled)
        )
        assert client.userinfo(token, proof=bad).status_code == 401


@by_dpop
def test_a_code_is_bound_to_the_key_that_was_named_or_proved(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-dpop-auth-code-binding-success

    fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success
    """
    assert client.tokens(dpop_jkt=DPOP_KEY.thumbprint())["access_token"]
    pushed = client.post(PAR, client.request(), proof=client.proof(PAR)).json["request_uri"]
    code = client.returned(client.open(request_uri=pushed))["code"]
    assert client.redeem(code).status_code == 200


@by_dpop
def test_a_code_bound_to_one_key_is_not_redeemed_by_another(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt

    fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt
    """
    code = client.code(dpop_jkt=DPOP_KEY.thumbprint())
    stolen = client.proof(TOKEN, key=STRANGERS_KEY)
    assert error(client.redeem(code, proof=stolen)) == "invalid_grant"
    pushed = client.post(PAR, client.request(), proof=client.proof(PAR)).json["request_uri"]
    code = client.returned(client.open(request_uri=pushed))["code"]
    stolen = client.proof(TOKEN, key=STRANGERS_KEY)
    assert error(client.redeem(code, proof=stolen)) == "invalid_grant"


@by_dpop
def test_the_key_named_and_the_key_proved_are_one(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails"""
    asked = client.request(dpop_jkt=STRANGERS_KEY.thumbprint())
    refused = client.post(PAR, asked, proof=client.proof(PAR))
    assert error(refused) in {"invalid_request", "invalid_dpop_proof"}


def _proof(client: FapiClient, **claims: Any) -> str:
    now = client.provider.clock.timestamp()
    return signed(header_of(DPOP_KEY), claims_at(now, **claims), DPOP_KEY)
