"""FAPI 2.0 Security Profile: client assertions, module by module."""

from typing import Any

import pytest

from tests.conformance.fapi import (
    ISSUER,
    KEY,
    OTHER_KEY,
    PAR,
    RSA_KEY,
    TOKEN,
    FapiClient,
)
from tests.conformance.fapi2.helpers import by_assertion, error


# Client assertions
@by_assertion
def test_an_assertion_is_needed(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint"""
    refused = client.redeem(
        client.code(), client_assertion=None, client_assertion_type=None, client_id="fapi"
    )
    assert error(refused, 401) == "invalid_client"


@by_assertion
def test_an_assertion_by_rs256_is_refused(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails"""
    refused = client.redeem(client.code(), assertion={"key": RSA_KEY, "alg": "RS256"})
    assert error(refused, 401) == "invalid_client"


@by_assertion
def test_an_assertion_by_ps256_is_taken(client: FapiClient) -> None:
    assert (
        client.redeem(client.code(), assertion={"key": RSA_KEY, "alg": "PS256"}).status_code == 200
    )


@by_assertion
@pytest.mark.parametrize(
    "spoiled",
    [{"exp": -300}, {"aud": "https://elsewhere.test"}, {"sub": None}, {"iss": "another"}],
    ids=["late", "for-another", "without-sub", "of-another"],
)
def test_an_assertion_that_does_not_hold_is_refused(
    client: FapiClient, spoiled: dict[str, Any]
) -> None:
    """fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails

    fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails
    fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails
    """
    if "exp" in spoiled:
        spoiled = {"exp": client.provider.clock.timestamp() + spoiled["exp"]}
    assert error(client.redeem(client.code(), assertion=spoiled), 401) == "invalid_client"


@by_assertion
@pytest.mark.parametrize(
    "audience",
    [[ISSUER], f"http://localhost:8000{PAR}", f"http://localhost:8000{TOKEN}"],
    ids=["array", "par", "token"],
)
def test_the_audience_of_an_assertion_is_the_issuer_alone(
    client: FapiClient, audience: Any
) -> None:
    """fapi2-security-profile-final-par-test-array-as-audience-fails

    fapi2-security-profile-final-par-test-par-endpoint-url-as-audience-fails
    fapi2-security-profile-final-par-test-token-endpoint-url-as-audience-fails
    """
    assert error(client.push(assertion={"aud": audience}), 401) == "invalid_client"


@by_assertion
def test_clocks_may_differ_by_a_few_seconds(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted

    fapi2-security-profile-final-par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails
    """
    now = client.provider.clock.timestamp()
    assert client.push(assertion={"nbf": now + 8, "iat": now + 8}).status_code == 201
    assert error(client.push(assertion={"nbf": now + 61, "iat": now + 61}), 401) == "invalid_client"


@by_assertion
def test_an_assertion_by_another_key_is_refused(client: FapiClient) -> None:
    forged = {"key": OTHER_KEY, "alg": "ES256"}
    assert error(client.push(assertion=forged), 401) == "invalid_client"
    assert KEY.kid != OTHER_KEY.kid
