"""FAPI 2.0 Security Profile: codes and sender-constrained tokens, module by module."""

from tests.conformance.fapi import (
    FapiClient,
    self_signed,
)
from tests.conformance.fapi2.helpers import error
from tests.oauth.helpers import advance, events


# The token endpoint
def test_a_code_is_redeemed_once(client: FapiClient) -> None:
    """fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second"""
    code = client.code()
    token = client.redeem(code).json["access_token"]
    advance(client.provider, 1)
    assert error(client.redeem(code)) == "invalid_grant"
    assert client.userinfo(token).status_code == 401
    assert "oauth:code:reused" in events(client.provider)


def test_a_code_lapses_within_a_minute(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code"""
    code = client.code()
    advance(client.provider, 60)
    assert error(client.redeem(code)) == "invalid_grant"


def test_a_code_belongs_to_its_client(client: FapiClient, other: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client"""
    assert error(other.redeem(client.code())) == "invalid_grant"


def test_the_client_named_must_be_the_one_that_proves_itself(
    client: FapiClient, other: FapiClient
) -> None:
    """fapi2-security-profile-final-ensure-client-id-in-token-endpoint"""
    del other
    refused = client.redeem(client.code(), client_id="another")
    assert error(refused, 401) == "invalid_client"


def test_tokens_are_bound_to_their_sender(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-holder-of-key-required"""
    refused = client.redeem(client.code(), proof=None, certificate=b"")
    assert refused.status_code in {400, 401}
    assert "access_token" not in refused.json


def test_a_stolen_token_is_worth_nothing(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-holder-of-key-required"""
    token = client.tokens()["access_token"]
    others = self_signed(client.provider, "thief").der
    for spoiled in (
        {"proof": None, "certificate": b"", "scheme": "Bearer"},
        {"proof": None, "certificate": others, "scheme": "Bearer"},
    ):
        assert client.userinfo(token, **spoiled).status_code == 401
