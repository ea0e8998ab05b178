"""What an exchange gives (RFC 8693; pro-sante-connect, 6.4)."""

import uuid
from typing import Any

import pytest

from idp.oauth.rules.certificate_thumbprint import thumbprint
from tests.exchange.helpers import (
    ACCESS_TOKEN,
    API,
    API_ADDRESS,
    CLIENT,
    MINE,
    Exchange,
    refusal,
)
from tests.oauth.helpers import PERSON, add_client, events, open_session

INVALID_TARGET = (400, "invalid_target")


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "unknown"},
        {"audience": "api-autre"},
        {"audience": [API, "unknown"]},
        {"resource": "https://unknown.test/"},
        {"resource": f"{API_ADDRESS}/"},
        {"resource": "not an address"},
        {"audience": API, "resource": "https://unknown.test/"},
    ],
)
def test_a_token_is_for_no_api_but_those_of_the_client(
    exchange: Exchange, changes: dict[str, Any]
) -> None:
    """RFC 8693, 2.2.2: `invalid_target`; which of them exist is not told."""
    token = exchange.first.sign_in()["access_token"]
    assert refusal(exchange.exchange(token, **changes)) == INVALID_TARGET


def test_a_scope_beyond_the_registered_one_is_refused(exchange: Exchange) -> None:
    token = exchange.first.sign_in()["access_token"]
    answer = exchange.exchange(token, scope="lire administrer")
    assert refusal(answer) == (400, "invalid_scope")


def test_the_answer_has_what_pro_sante_connects_clients_read(exchange: Exchange) -> None:
    """Decision 35; RFC 8693, 2.2.1."""
    answer = exchange.exchanged()
    assert answer["expires_in"] == 4 * 3600
    assert answer["refresh_expires_in"] == 1800
    assert answer["token_type"] == "Bearer"
    assert answer["issued_token_type"] == ACCESS_TOKEN
    claims = exchange.claims(answer["access_token"])
    assert claims["iss"] == exchange.provider.settings.issuer
    assert claims["exp"] - claims["iat"] == 4 * 3600
    assert claims["aud"] == [API, "api-mesures"]
    assert claims["azp"] == CLIENT
    assert claims["SubjectNameID"] == claims["preferred_username"] == PERSON
    assert claims["session_state"] == claims["sid"] == answer["session_state"]
    assert claims["acr"] == "eidas1"
    assert claims["cnf"] == {"x5t#S256": thumbprint(MINE)}
    assert str(uuid.UUID(claims["sub"])) == claims["sub"]
    assert "act" not in claims
    identity = exchange.claims(answer["id_token"])
    assert (identity["aud"], identity["typ"], identity["sub"]) == (CLIENT, "ID", claims["sub"])
    assert "cnf" not in identity
    assert "exchange:token:issued" in events(exchange.provider)


def test_sessions_are_this_issuers_own_and_the_person_stays_the_same(exchange: Exchange) -> None:
    """No `sid` of the provider is told to an API; `sub` is a uuid that stays."""
    token = exchange.first.sign_in()["access_token"]
    there = exchange.first.claims(token)
    one, two = (exchange.claims(exchange.exchanged_for(token)["access_token"]) for _ in range(2))
    assert len({there["sid"], one["sid"], two["sid"]}) == 3
    assert one["sub"] == two["sub"]
    again = exchange.claims(exchange.exchanged()["access_token"])
    assert again["sub"] == one["sub"]
    other = open_session(exchange.first.provider, national_id="899700990023")
    theirs = exchange.first.sign_in(other)["access_token"]
    assert exchange.claims(exchange.exchanged_for(theirs)["access_token"])["sub"] != one["sub"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({"audience": API}, [API]),
        ({"resource": API_ADDRESS}, [API]),
        ({"audience": "api-mesures", "resource": API_ADDRESS}, ["api-mesures", API]),
        ({"audience": [API, API], "resource": API_ADDRESS}, [API]),
    ],
)
def test_a_token_is_for_what_was_asked(
    exchange: Exchange, asked: dict[str, Any], given: list[str]
) -> None:
    """RFC 8693, 2.1; RFC 8707."""
    assert exchange.claims(exchange.exchanged(**asked)["access_token"])["aud"] == given


def test_a_scope_is_narrowed_as_asked(exchange: Exchange) -> None:
    answer = exchange.exchanged(scope="lire")
    assert answer["scope"] == exchange.claims(answer["access_token"])["scope"] == "lire"
    assert "id_token" not in answer
    assert exchange.exchanged()["scope"] == "openid profile lire ecrire"


def test_an_actor_is_named_and_those_who_acted_before(exchange: Exchange) -> None:
    """RFC 8693, 4.1."""
    acted = {"sub": "before", "act": {"sub": "still before"}}
    subject = exchange.forge(act=acted)
    actor_session = open_session(exchange.first.provider, national_id="899700990023")
    actor = exchange.first.sign_in(actor_session)["access_token"]
    answer = exchange.exchanged_for(subject, actor_token=actor, actor_token_type=ACCESS_TOKEN)
    who = exchange.first.claims(actor)
    assert exchange.claims(answer["access_token"])["act"] == {
        "iss": who["iss"],
        "sub": who["sub"],
        "client_id": "service",
        "act": acted,
    }
    alone = exchange.exchanged_for(subject)
    assert exchange.claims(alone["access_token"])["act"] == acted


def test_may_act_lets_the_one_it_names_act(exchange: Exchange) -> None:
    """RFC 8693, 4.4: the actor, or the client where no actor is named."""
    actor_session = open_session(exchange.first.provider, national_id="899700990023")
    actor = exchange.first.sign_in(actor_session)["access_token"]
    sub = exchange.first.claims(actor)["sub"]
    for_actor = exchange.forge(may_act={"sub": sub})
    given = {"actor_token": actor, "actor_token_type": ACCESS_TOKEN}
    assert exchange.exchange(for_actor, **given).status_code == 200
    assert refusal(exchange.exchange(for_actor)) == (400, "invalid_request")
    for_client = exchange.forge(may_act={"client_id": CLIENT})
    assert exchange.exchange(for_client).status_code == 200
    assert refusal(exchange.exchange(for_client, **given)) == (400, "invalid_request")


def test_an_actor_that_the_client_may_not_speak_for_is_refused(exchange: Exchange) -> None:
    add_client(exchange.first.provider, "another-service")
    actor = exchange.first.as_client("another-service").sign_in()["access_token"]
    subject = exchange.first.sign_in()["access_token"]
    answer = exchange.exchange(subject, actor_token=actor, actor_token_type=ACCESS_TOKEN)
    assert refusal(answer) == (400, "invalid_request")


def test_a_token_that_names_this_issuer_is_for_it(exchange: Exchange) -> None:
    """RFC 8707: a token may say that it is for the API's issuer, and for nobody else."""
    token = exchange.forge(aud=[exchange.provider.settings.issuer, "https://another.test"])
    assert exchange.exchange(token).status_code == 200
