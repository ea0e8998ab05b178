"""FAPI 2.0 Security Profile: how a request is pushed, opened and answered, module by module."""

import pytest

from tests.conformance.fapi import (
    ISSUER,
    PAR,
    FapiClient,
)
from tests.conformance.fapi2.helpers import error
from tests.oauth.helpers import advance


# The authorization request
def test_a_request_that_was_not_pushed_is_refused(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails"""
    asked = client.request()
    answer = client.open(**{name: value for name, value in asked.items() if name != "client_id"})
    assert client.returned(answer)["error"] == "invalid_request"


@pytest.mark.parametrize("response_type", ["code id_token", "token"])
def test_no_other_response_type_is_taken(client: FapiClient, response_type: str) -> None:
    """fapi2-security-profile-final-ensure-response-type-code-idtoken-fails

    fapi2-security-profile-final-ensure-response-type-token-fails
    """
    assert error(client.push(response_type=response_type)) == "unsupported_response_type"


def test_a_pushed_request_names_its_redirect_address(client: FapiClient) -> None:
    """fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails

    fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request
    """
    assert error(client.push(redirect_uri=None)) == "invalid_request"


def test_an_address_that_is_not_registered_is_refused_when_pushed(client: FapiClient) -> None:
    """fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri

    The profile lets a provider take one; this one does not.
    """
    assert error(client.push(redirect_uri="https://elsewhere.test/")) == "invalid_request"


def test_pkce_with_s256_is_demanded(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-ensure-pkce-required"""
    refused = client.push(code_challenge=None, code_challenge_method=None)
    assert error(refused) == "invalid_request"


def test_plain_pkce_is_refused(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-plain-pkce-rejected"""
    refused = client.push(code_challenge="v" * 43, code_challenge_method="plain")
    assert error(refused) == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "w" * 43])
def test_the_code_needs_its_verifier(client: FapiClient, verifier: str | None) -> None:
    """fapi2-security-profile-final-ensure-pkce-code-verifier-required

    fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected
    """
    refused = error(client.redeem(client.code(), code_verifier=verifier))
    assert refused in {"invalid_grant", "invalid_request"}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_request_is_pushed_by_post_alone(client: FapiClient, method: str) -> None:
    """fapi2-security-profile-final-par-attempt-invalid-http-method"""
    sent = client.request() | client.authenticated()
    assert client.http.open(PAR, method=method, data=sent).status_code == 405


def test_a_pushed_request_holds_no_request_uri(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param"""
    assert error(client.push(request_uri=client.pushed())) == "invalid_request"


def test_a_pushed_request_opens_again_until_it_is_answered(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds"""
    request_uri = client.pushed()
    assert client.open(request_uri=request_uri).headers["Location"].startswith("/signin/")
    assert client.returned(client.open(request_uri=request_uri))["code"]


def test_an_answered_request_opens_no_more(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-attempt-reuse-request_uri"""
    request_uri = client.pushed()
    client.returned(client.open(request_uri=request_uri))
    assert client.open(request_uri=request_uri).status_code == 400


def test_a_pushed_request_lapses(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-attempt-to-use-expired-request_uri"""
    request_uri = client.pushed()
    advance(client.provider, client.provider.settings.par_lifetime.total_seconds())
    assert client.open(request_uri=request_uri).status_code == 400


def test_another_client_cannot_use_a_pushed_request(client: FapiClient, other: FapiClient) -> None:
    """fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client"""
    assert other.open(request_uri=client.pushed()).status_code == 400


def test_the_address_and_the_client_are_all_that_is_sent(client: FapiClient) -> None:
    """fapi2-security-profile-final-par-without-duplicate-parameters"""
    answer = client.returned(client.open(request_uri=client.pushed()))
    assert (answer["state"], answer["iss"]) == ("s1", ISSUER)


@pytest.mark.parametrize(("member", "outside"), [("nonce", "other"), ("state", "other")])
def test_what_was_pushed_counts_and_nothing_beside(
    client: FapiClient, member: str, outside: str
) -> None:
    """fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object

    fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object
    """
    opened = client.open(request_uri=client.pushed(), **{member: outside})
    answer = client.returned(opened)
    assert answer["state"] == "s1"
    token = client.redeem(answer["code"]).json["id_token"]
    assert client.claims(token)["nonce"] == "n1"


def test_a_state_beside_the_pushed_request_is_not_given_back(client: FapiClient) -> None:
    """fapi2-security-profile-final-state-only-outside-request-object-not-used"""
    opened = client.open(request_uri=client.pushed(state=None), state="outside")
    assert "state" not in client.returned(opened)


def test_a_person_may_refuse(client: FapiClient) -> None:
    """fapi2-security-profile-final-user-rejects-authentication"""
    page = client.open(request_uri=client.pushed()).headers["Location"]
    answer = client.returned(client.agree(page, answer="refuse"))
    assert answer == {"error": "access_denied", "state": "s1", "iss": ISSUER} | {
        name: answer[name] for name in answer if name == "error_description"
    }
