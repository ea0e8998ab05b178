"""FAPI-CIBA: what its certification plan checks of a provider, module by module.

The client polls or is pinged, and proves who it is by an assertion or by its certificate, to which
its tokens are bound. The person approves on a real phone.
"""

import math
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.provider import Provider
from idp.settings import REALM_PATH
from tests.conformance.fapi import ISSUER, OTHER_KEY, RSA_KEY, Variant, name_of, self_signed
from tests.conformance.fapi_ciba import ASK, POLL_VARIANTS, CibaClient, approve
from tests.oauth.helpers import PERSON, advance
from tests.wallet.helpers import enrol
from wallet_sim.phone import Phone

BY_ASSERTION = POLL_VARIANTS[:1]
BY_CERTIFICATE = POLL_VARIANTS[1:]
by_assertion = pytest.mark.parametrize("variant", BY_ASSERTION, ids=name_of)
by_certificate = pytest.mark.parametrize("variant", BY_CERTIFICATE, ids=name_of)
MINUTES = 60


@pytest.fixture(params=POLL_VARIANTS, ids=name_of)
def variant(request: pytest.FixtureRequest) -> Variant:
    """The two variants of the plan that differ in how a client proves itself."""
    chosen: Variant = request.param
    return chosen


@pytest.fixture
def client(app: Flask, provider: Provider, variant: Variant) -> CibaClient:
    return CibaClient(app, provider, variant).register()


@pytest.fixture
def other(app: Flask, provider: Provider, variant: Variant) -> CibaClient:
    return CibaClient(app, provider, variant, client_id="another").register()


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return enrol(app, tmp_path / "phone")


def error(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json["error"])


# The signed request


def test_a_request_that_is_not_signed_is_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-unsigned-backchannel-authorization-request-fails"""
    plain = {"request": None, "scope": "openid", "login_hint": PERSON, "binding_message": "42"}
    assert error(client.send(plain)) == "invalid_request"


@pytest.mark.parametrize("missing", ["aud", "iss", "exp", "iat", "nbf", "jti"])
def test_each_claim_of_a_signed_request_is_needed(client: CibaClient, missing: str) -> None:
    """fapi-ciba-id1-ensure-request-object-missing-aud-fails

    fapi-ciba-id1-ensure-request-object-missing-iss-fails
    fapi-ciba-id1-ensure-request-object-missing-exp-fails
    fapi-ciba-id1-ensure-request-object-missing-iat-fails
    fapi-ciba-id1-ensure-request-object-missing-nbf-fails
    fapi-ciba-id1-ensure-request-object-missing-jti-fails
    """
    absent: dict[str, Any] = {missing: None}
    assert error(client.ask(**absent)) == "invalid_request"


@pytest.mark.parametrize(("name", "value"), [("aud", "https://elsewhere.test"), ("iss", "another")])
def test_a_signed_request_is_of_this_client_for_this_issuer(
    client: CibaClient, name: str, value: str
) -> None:
    """fapi-ciba-id1-ensure-request-object-bad-aud-fails

    fapi-ciba-id1-ensure-request-object-bad-iss-fails
    """
    changed: dict[str, Any] = {name: value}
    assert error(client.ask(**changed)) == "invalid_request"


@pytest.mark.parametrize(
    ("name", "minutes"),
    [("exp", -5), ("exp", 70), ("nbf", 10), ("nbf", -70)],
    ids=["expired", "exp-too-far", "nbf-to-come", "nbf-too-old"],
)
def test_a_signed_request_holds_for_a_while(client: CibaClient, name: str, minutes: int) -> None:
    """fapi-ciba-id1-ensure-request-object-expired-exp-fails

    fapi-ciba-id1-ensure-request-object-exp-is-70-minutes-in-future-fails
    fapi-ciba-id1-ensure-request-object-nbf-is-10-minutes-in-future-fails
    fapi-ciba-id1-ensure-request-object-nbf-is-70-minutes-in-past-fails
    """
    moved: dict[str, Any] = {name: client.provider.clock.timestamp() + minutes * MINUTES}
    assert error(client.ask(**moved)) == "invalid_request"


def test_a_signed_request_counts_once(client: CibaClient) -> None:
    sent = {"request": client.signed()}
    assert client.post(ASK, sent).status_code == 200
    assert error(client.post(ASK, sent)) == "invalid_request"


def test_no_signature_is_none(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-none-fails"""
    header, payload, _ = client.signed().split(".")
    del header
    unsigned = f"eyJhbGciOiJub25lIn0.{payload}."
    assert error(client.send({"request": unsigned})) == "invalid_request"


def test_a_signature_that_does_not_hold_is_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-bad-fails"""
    spoiled = client.signed()[:-8] + "AAAAAAAA"
    assert error(client.send({"request": spoiled})) == "invalid_request"


def test_a_request_signed_by_rs256_is_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-request-object-signature-algorithm-is-RS256-fails"""
    assert error(client.ask(key=RSA_KEY, alg="RS256")) == "invalid_request"


def test_a_request_signed_by_another_client_is_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-request-object-signed-by-other-client-fails"""
    assert error(client.ask(key=OTHER_KEY)) == "invalid_request"


def test_several_hints_are_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-authorization-request-with-multiple-hints-fails"""
    assert error(client.ask(login_hint_token="a.b.c")) == "invalid_request"


@pytest.mark.parametrize("message", ["m" * 1000, "1234 👍🏿 \u202e fin", "ligne\nligne"])
def test_a_message_that_cannot_be_shown_is_refused(client: CibaClient, message: str) -> None:
    """fapi-ciba-id1-ensure-authorization-request-with-potentially-bad-binding-message"""
    assert error(client.ask(binding_message=message)) == "invalid_binding_message"


@pytest.mark.parametrize("message", [None, ""])
def test_a_request_without_a_message_is_refused(client: CibaClient, message: str | None) -> None:
    """FAPI-CIBA 5.2.2: nothing else ties what the person sees to what they approve."""
    assert error(client.ask(binding_message=message)) == "invalid_request"


def test_a_message_that_can_be_shown_is_taken(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-authorization-request-with-binding-message-succeeds"""
    assert client.ask(binding_message="1234").status_code == 200


def test_scopes_stand_in_any_order(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-other-scope-order-succeeds"""
    assert client.ask(scope="scope_all openid").status_code == 200


@pytest.mark.parametrize("expiry", [30, "30"])
def test_an_expiry_is_asked_for_as_text_or_number(client: CibaClient, expiry: int | str) -> None:
    """fapi-ciba-id1-ensure-requested-expiry-as-string-succeeds"""
    assert client.ask(requested_expiry=expiry).json["expires_in"] == 30


# Who asks


@by_certificate
def test_the_client_named_is_the_one_of_the_certificate(
    client: CibaClient, other: CibaClient
) -> None:
    """fapi-ciba-id1-ensure-wrong-client-id-in-backchannel-authorization-request

    fapi-ciba-id1-ensure-wrong-client-id-in-token-endpoint-request
    """
    del other
    named = {"client_id": "another"}
    assert error(client.send(named), 401) == "invalid_client"
    assert error(client.poll(client.asked(), form=named), 401) == "invalid_client"


@by_certificate
def test_a_request_of_another_client_is_not_taken_from_this_one(
    client: CibaClient, other: CibaClient
) -> None:
    """fapi-ciba-id1-ensure-different-client-id-and-issuer-in-backchannel-authorization-request"""
    assert error(client.send({"request": other.signed()})) == "invalid_request"


@by_assertion
def test_an_assertion_is_needed(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-without-client-assertion-in-backchannel-authorization-request

    fapi-ciba-id1-ensure-without-client-assertion-in-token-endpoint-request
    """
    without = {"client_assertion": None, "client_assertion_type": None, "client_id": "fapi"}
    assert error(client.send(without), 401) == "invalid_client"
    assert error(client.poll(client.asked(), form=without), 401) == "invalid_client"


@by_assertion
def test_an_assertion_by_rs256_is_refused(client: CibaClient) -> None:
    """fapi-ciba-id1-ensure-client-assertion-signature-algorithm-in-backchannel-authorization-request-is-RS256-fails

    fapi-ciba-id1-ensure-client-assertion-signature-algorithm-in-token-endpoint-request-is-RS256-fails
    """
    by_rs256 = {"key": RSA_KEY, "alg": "RS256"}
    assert error(client.send({}, assertion=by_rs256), 401) == "invalid_client"
    assert error(client.poll(client.asked(), assertion=by_rs256), 401) == "invalid_client"


@by_assertion
def test_an_assertion_for_the_issuer_is_taken(client: CibaClient, phone: Phone) -> None:
    """fapi-ciba-id1-ensure-client-assertion-with-iss-aud-to-token-endpoint-succeeds"""
    auth_req_id = client.asked()
    approve(phone)
    assert client.poll(auth_req_id, assertion={"aud": ISSUER}).status_code == 200


# What the client gets


def test_a_request_has_a_long_random_name_and_an_end(client: CibaClient) -> None:
    """fapi-ciba-id1: at least 128 bits, 160 recommended (CIBA Core 7.3)."""
    answer = client.ask().json
    assert set(answer) == {"auth_req_id", "expires_in", "interval"}
    assert len(answer["auth_req_id"]) * math.log2(64) >= 160
    assert answer["auth_req_id"] != client.asked()


def test_a_person_signs_in_without_a_browser(client: CibaClient, phone: Phone) -> None:
    """fapi-ciba-id1"""
    auth_req_id = client.asked()
    assert error(client.poll(auth_req_id)) == "authorization_pending"
    approve(phone)
    advance(client.provider, 5)
    token = client.poll(auth_req_id).json
    claims = client.claims(token["id_token"])
    assert (claims["aud"], claims["SubjectNameID"]) == ("fapi", PERSON)
    assert claims.get("urn:openid:params:jwt:claim:auth_req_id", auth_req_id) == auth_req_id
    assert client.userinfo(token["access_token"]).json["sub"] == claims["sub"]


def test_a_person_may_refuse(client: CibaClient, phone: Phone) -> None:
    """fapi-ciba-id1-user-rejects-authentication"""
    auth_req_id = client.asked()
    phone.refuse()
    assert error(client.poll(auth_req_id)) == "access_denied"


def test_asking_too_often_is_asked_to_slow_down_and_harms_nothing(
    client: CibaClient, phone: Phone
) -> None:
    """fapi-ciba-id1-multiple-call-to-token-endpoint"""
    auth_req_id = client.asked()
    told = {error(client.poll(auth_req_id)) for _ in range(8)}
    assert told == {"authorization_pending", "slow_down"}
    approve(phone)
    advance(client.provider, 60)
    assert client.poll(auth_req_id).status_code == 200


def test_a_request_lapses(client: CibaClient) -> None:
    """fapi-ciba-id1-auth-req-id-expired"""
    auth_req_id = client.asked(requested_expiry=10)
    advance(client.provider, 11)
    assert error(client.poll(auth_req_id)) == "expired_token"


def test_a_request_belongs_to_its_client(client: CibaClient, other: CibaClient) -> None:
    """fapi-ciba-id1-ensure-wrong-auth-req-id-in-token-endpoint-request"""
    assert error(other.poll(client.asked())) == "invalid_grant"
    assert error(client.poll("made-up")) == "invalid_grant"


def test_tokens_are_bound_to_the_certificate(client: CibaClient, phone: Phone) -> None:
    """fapi-ciba-id1-ensure-mtls-holder-of-key-required"""
    auth_req_id = client.asked()
    approve(phone)
    refused = client.poll(auth_req_id, certificate=b"")
    assert refused.status_code in {400, 401}
    advance(client.provider, 5)
    token = client.poll(auth_req_id).json["access_token"]
    others = self_signed(client.provider, "thief").der
    assert client.userinfo(token, certificate=others).status_code == 401
    assert client.userinfo(token, certificate=b"").status_code == 401


def test_a_refresh_token_serves_again(client: CibaClient, phone: Phone) -> None:
    """fapi-ciba-id1-refresh-token"""
    auth_req_id = client.asked()
    approve(phone)
    given = client.poll(auth_req_id).json["refresh_token"]
    for _ in range(2):
        answer = client.refresh(given)
        assert answer.status_code == 200, answer.text
    refused = client.refresh(given, certificate=b"")
    assert refused.status_code in {400, 401}
    assert "access_token" not in refused.json


def test_push_is_not_for_this_profile(app: Flask, provider: Provider) -> None:
    """FAPI-CIBA 5.2.2; decision 29: a client of the profile cannot be registered for push."""
    made = CibaClient(app, provider, POLL_VARIANTS[0])
    uri = "https://service.test/ciba"
    with pytest.raises(Exception, match="push"):
        made.register(
            backchannel_token_delivery_mode="push", backchannel_client_notification_endpoint=uri
        )


@pytest.mark.parametrize("variant", BY_ASSERTION, ids=name_of)
def test_discovery_tells_what_the_profile_needs(client: CibaClient) -> None:
    """fapi-ciba-id1-discovery-end-point-verification"""
    told = client.http.get(f"{REALM_PATH}/.well-known/openid-configuration").json
    assert told["backchannel_authentication_endpoint"].endswith(ASK)
    assert {"poll", "ping"} <= set(told["backchannel_token_delivery_modes_supported"])
    assert {"PS256", "ES256"} <= set(
        told["backchannel_authentication_request_signing_alg_values_supported"]
    )
