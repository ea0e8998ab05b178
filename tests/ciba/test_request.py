"""The backchannel authentication request, unsigned (OpenID Connect CIBA Core 1.0, 7 and 13)."""

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from idp.provider import Provider
from idp.psc.addresses import backchannel_authentication_endpoint
from tests.ciba.helpers import (
    SIGNER,
    STRANGER,
    CibaService,
    add_ciba_client,
    basic,
    challenges,
    public_keys,
    requests,
    service,
    sign,
)
from tests.ciba.refusals import refused
from tests.conftest import provider_of
from tests.oauth.helpers import PERSON, PROTOCOL, SECRET, add_client, advance, events

REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no scope": ({"scope": None}, "invalid_request"),
    "scope without openid": ({"scope": "profile"}, "invalid_scope"),
    "scope openid is not registered": ({"scope": "openid_"}, "invalid_scope"),
    "no hint": ({"login_hint": None}, "invalid_request"),
    "empty hint": ({"login_hint": ""}, "invalid_request"),
    "two hints": ({"id_token_hint": "e.e.e"}, "invalid_request"),
    "three hints": ({"id_token_hint": "e.e.e", "login_hint_token": "e.e.e"}, "invalid_request"),
    "hint of another form": ({"login_hint": "toto"}, "unknown_user_id"),
    "hint with a wrong key": ({"login_hint": "899700990016"}, "unknown_user_id"),
    "hint without its 8": ({"login_hint": "99700990015"}, "unknown_user_id"),
    "hint with NUL": ({"login_hint": "8997\x0000990015"}, "invalid_request"),
    "endless hint": ({"login_hint": "8" * 5000}, "invalid_request"),
    "message of two lines": ({"binding_message": "a\nb"}, "invalid_binding_message"),
    "message too long": ({"binding_message": "a" * 61}, "invalid_binding_message"),
    "expiry no number": ({"requested_expiry": "soon"}, "invalid_request"),
    "expiry zero": ({"requested_expiry": "0"}, "invalid_request"),
    "expiry negative": ({"requested_expiry": "-5"}, "invalid_request"),
    "expiry no integer": ({"requested_expiry": "1.5"}, "invalid_request"),
    "expiry in other digits": ({"requested_expiry": "\u0661\u0662"}, "invalid_request"),
    "channel unknown": ({"channel": "PIGEON"}, "invalid_request"),
    "channel without cards here": ({"channel": "CARD"}, "invalid_request"),
    "claims no JSON": ({"claims": "{"}, "invalid_request"),
    "essential acr": (
        {"claims": '{"id_token":{"acr":{"essential":true,"value":"eidas3"}}}'},
        "unmet_authentication_requirements",
    ),
    "essential card by phone": (
        {"claims": '{"id_token":{"authMode":{"essential":true,"value":"CARD"}}}'},
        "unmet_authentication_requirements",
    ),
    "resource not registered": ({"resource": "https://api.test"}, "invalid_target"),
    "resource no address": ({"resource": "api"}, "invalid_target"),
    "signed without an algorithm": ({"request": "e.e.e"}, "invalid_request"),
}


@pytest.mark.parametrize(("changes", "error"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_request_that_does_not_hold_is_refused(
    client: CibaService, provider: Provider, changes: dict[str, Any], error: str
) -> None:
    """CIBA Core 13.

    fapi-ciba-id1-ensure-authorization-request-with-multiple-hints-fails,
    fapi-ciba-id1-ensure-authorization-request-with-potentially-bad-binding-message
    """
    refused(client.ask(**changes), error)
    assert (requests(provider), challenges(provider)) == ([], [])


def test_a_parameter_that_stands_twice_is_refused(client: CibaService) -> None:
    """RFC 6749, 3.2."""
    given = {"scope": ["openid", "openid"], "login_hint": PERSON}
    refused(client.post("ext/ciba/auth", given), "invalid_request")


def test_parameters_in_the_address_do_not_count(client: CibaService) -> None:
    address = f"{PROTOCOL}/ext/ciba/auth?scope=openid&login_hint={PERSON}"
    refused(client.http.post(address, headers=client.basic), "invalid_request")


def test_only_post_is_answered(client: CibaService) -> None:
    assert client.http.get(f"{PROTOCOL}/ext/ciba/auth").status_code == 405


@pytest.mark.parametrize("given", [{}, {"Authorization": "Basic Zm9v"}, basic("ciba", "wrong")])
def test_a_client_that_does_not_authenticate_is_refused(
    client: CibaService, given: dict[str, str]
) -> None:
    form = {"client_id": "ciba", "scope": "openid", "login_hint": PERSON}
    answer = client.http.post(f"{PROTOCOL}/ext/ciba/auth", data=form, headers=given)
    refused(answer, "invalid_client", 401)


def test_a_public_client_is_refused_here(app: Flask, provider: Provider) -> None:
    """CIBA Core 7.1: the client must authenticate."""
    add_client(provider, "public", token_endpoint_auth_method="none")
    answer = service(app, "public").ask(basic=False, client_id="public")
    refused(answer, "invalid_client", 401)


def test_a_client_that_did_not_register_the_grant_is_refused(
    app: Flask, provider: Provider
) -> None:
    """CIBA Core 13."""
    add_client(provider, "web")
    refused(service(app, "web").ask(), "unauthorized_client")


@pytest.mark.parametrize("audience", ["issuer", "token", "ciba"])
def test_a_client_may_authenticate_by_assertion(
    app: Flask, provider: Provider, audience: str
) -> None:
    """CIBA Core 7.1: issuer, token endpoint and this endpoint are audiences."""
    add_ciba_client(
        provider, token_endpoint_auth_method="private_key_jwt", jwks=public_keys(SIGNER)
    )
    of = {
        "issuer": provider.settings.issuer,
        "token": f"{provider.settings.issuer}/protocol/openid-connect/token",
        "ciba": backchannel_authentication_endpoint(provider.settings),
    }
    now = int(provider.clock.now().timestamp())
    claims = {"iss": "ciba", "sub": "ciba", "aud": of[audience], "exp": now + 60, "jti": audience}
    answer = service(app).ask(
        basic=False,
        client_assertion_type="urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion=sign(claims),
    )
    assert answer.status_code == 200, answer.text


def test_the_answer_holds_what_the_client_asks_with(
    client: CibaService, provider: Provider
) -> None:
    """CIBA Core 7.3; decisions 8 and 29; fapi-ciba-id1-ensure-authorization-request-with-
    binding-message-succeeds: 256 random bits of the alphabet that 7.3 allows."""
    first, second = client.ask(), client.ask()
    assert first.headers["Cache-Control"] == "no-store"
    assert first.json | {"auth_req_id": ""} == {
        "auth_req_id": "",
        "expires_in": 120,
        "interval": 1,
    }
    assert first.json["auth_req_id"] != second.json["auth_req_id"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{43}", first.json["auth_req_id"])
    kept = requests(provider)[0]
    assert first.json["auth_req_id"].encode() not in kept.auth_req_id_hash
    assert (kept.channel, kept.delivery, kept.callback_sealed) == ("MOBILE", "poll", None)
    assert (kept.expires_at - kept.created_at).total_seconds() == 120


def test_a_strict_client_leaves_the_usual_time_between_questions(
    app: Flask, provider: Provider
) -> None:
    """CIBA Core 7.3: five seconds, where Pro Santé Connect has one (decision 29)."""
    add_ciba_client(provider, profile="strict")
    assert service(app).begin()["interval"] == 5


@pytest.mark.parametrize("given", ["30", 30])
def test_a_shorter_life_may_be_asked_for(client: CibaService, given: Any) -> None:
    """CIBA Core 7.1; fapi-ciba-id1-ensure-requested-expiry-as-string-succeeds"""
    assert client.begin(requested_expiry=given)["expires_in"] == 30


def test_a_longer_life_is_bounded(client: CibaService, provider: Provider) -> None:
    longest = int(provider.settings.ciba_longest_lifetime.total_seconds())
    begun = client.begin(requested_expiry=10**8)
    assert begun["expires_in"] == longest
    advance(provider, longest - 1)
    assert refused(client.poll(begun["auth_req_id"]), "authorization_pending")
    advance(provider, 2)
    assert refused(client.poll(begun["auth_req_id"]), "expired_token")


def test_scopes_in_any_order_are_granted_in_one(client: CibaService, provider: Provider) -> None:
    """fapi-ciba-id1-ensure-other-scope-order-succeeds"""
    client.begin(scope="scope_all unknown openid")
    assert requests(provider)[0].scope == "openid scope_all"


@pytest.mark.parametrize("acr_values", ["eidas1", "eidas3", None])
def test_acr_values_are_a_preference(client: CibaService, acr_values: str | None) -> None:
    """Decision 7: other values are not honoured, and no error."""
    client.begin(acr_values=acr_values)


def test_a_parameter_nobody_knows_is_ignored(client: CibaService) -> None:
    """RFC 6749, 3.2; nor `user_code`, of a client that did not register it."""
    client.begin(user_code="1234", unknown="x")


def test_an_unsigned_request_may_carry_claims(client: CibaService, provider: Provider) -> None:
    """OpenID Connect Core 5.5."""
    client.begin(claims='{"userinfo":{"email":null}}')
    assert requests(provider)[0].claims == {"userinfo": {"email": None}}


def test_resources_are_kept_with_the_request(app: Flask, provider: Provider) -> None:
    """RFC 8707, 2.1: each once, among those that the client registered."""
    named = ["https://a.test/api", "https://b.test/api"]
    add_ciba_client(provider, resources=named)
    service(app).begin(resource=[*named, named[0]])
    assert requests(provider)[0].resources == named


def test_the_card_is_asked_where_there_are_cards(with_cards: Flask) -> None:
    """Decision 34: a question for the reader, which no phone is told of."""
    provider = provider_of(with_cards)
    add_ciba_client(provider)
    service(with_cards).begin(channel="CARD", binding_message="Ordonnance 12")
    (challenge,) = challenges(provider)
    assert (challenge.purpose, challenge.number) == ("ciba-card", None)
    assert challenge.document["purpose"] == "ciba-card"
    assert requests(provider)[0].channel == "CARD"
    assert "challenges:push:suppressed" not in events(provider)


def test_the_card_is_not_asked_for_a_client_without_that_means(with_cards: Flask) -> None:
    add_ciba_client(provider_of(with_cards), means=["MOBILE"])
    refused(service(with_cards).ask(channel="CARD"), "invalid_request")


def test_a_security_key_is_asked_in_a_browser_alone(app: Flask, provider: Provider) -> None:
    """Decision 34: a question without browser goes to a phone or a card."""
    add_ciba_client(provider, means=["MOBILE", "WEBAUTHN"])
    refused(service(app).ask(channel="WEBAUTHN"), "invalid_request")


def test_the_phone_is_not_asked_for_a_client_that_takes_cards_only(with_cards: Flask) -> None:
    add_ciba_client(provider_of(with_cards), means=["CARD"])
    refused(service(with_cards).ask(), "invalid_request")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    form=st.dictionaries(
        st.sampled_from(
            [
                "scope",
                "login_hint",
                "id_token_hint",
                "login_hint_token",
                "binding_message",
                "requested_expiry",
                "claims",
                "channel",
                "request",
            ]
        ),
        st.text(max_size=40),
    )
)
def test_whatever_is_sent_is_answered_as_the_protocol_says(
    client: CibaService, form: dict[str, str]
) -> None:
    answer = client.post("ext/ciba/auth", form)
    assert answer.status_code in {200, 400}, answer.text
    assert "error" in answer.json or "auth_req_id" in answer.json
    assert SECRET not in answer.text


def test_an_identifier_that_nobody_holds_is_answered_like_any_other(client: CibaService) -> None:
    known, unknown = client.ask(), client.ask(login_hint=STRANGER)
    assert (known.status_code, set(known.json)) == (unknown.status_code, set(unknown.json))
    assert known.json["expires_in"] == unknown.json["expires_in"]
