"""Refresh tokens of an API's issuer: good once, for whoever holds the certificate."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from idp.exchange import create_exchange_app
from idp.provider import Provider
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import (
    API,
    MINE,
    OTHER,
    Exchange,
    Listening,
    add_api_client,
    refusal,
    trust,
)
from tests.oauth.helpers import Service, events

INVALID_GRANT = (400, "invalid_grant")


def test_a_refresh_token_used_twice_ends_its_session(exchange: Exchange) -> None:
    """RFC 9700, 4.14.2."""
    first = exchange.exchanged()["refresh_token"]
    second = exchange.refresh(first).json
    assert refusal(exchange.refresh(first)) == INVALID_GRANT
    assert refusal(exchange.refresh(second["refresh_token"])) == INVALID_GRANT
    assert exchange.introspect(second["access_token"]) == {"active": False}
    recorded = events(exchange.provider)
    assert "oauth:refresh:reused" in recorded
    assert recorded.count("exchange:session:ended") == 1


def test_a_refresh_without_the_certificate_is_refused(exchange: Exchange) -> None:
    """RFC 8705, 3; and the token is not spent by the attempt."""
    token = exchange.exchanged()["refresh_token"]
    exchange.certificate = None
    assert refusal(exchange.refresh(token)) == (400, "invalid_request")
    exchange.certificate = OTHER
    assert refusal(exchange.refresh(token)) == INVALID_GRANT
    exchange.certificate = MINE
    assert exchange.refresh(token).status_code == 200


def test_a_refresh_token_is_its_clients_own(exchange: Exchange) -> None:
    token = exchange.exchanged()["refresh_token"]
    exchange.client_id = "lecteur"
    assert refusal(exchange.refresh(token)) == INVALID_GRANT


def test_an_api_that_the_client_may_call_no_more_is_refused(exchange: Exchange) -> None:
    """What an operator takes away, no refresh token keeps."""
    token = exchange.exchanged()["refresh_token"]
    provider = exchange.provider
    closed = {
        name: api.model_copy(update={"clients": []}) for name, api in provider.settings.apis.items()
    }
    provider.settings = provider.settings.model_copy(update={"apis": closed})
    assert refusal(exchange.refresh(token)) == (400, "invalid_target")


def test_a_refresh_token_lapses(exchange: Exchange) -> None:
    token = exchange.exchanged()["refresh_token"]
    exchange.advance(1800)
    assert refusal(exchange.refresh(token)) == INVALID_GRANT


@pytest.mark.parametrize("text", ["", "x", "a.b.c"])
def test_what_is_no_refresh_token_is_refused(exchange: Exchange, text: str) -> None:
    assert refusal(exchange.refresh(text)) == INVALID_GRANT


def test_a_refresh_token_of_the_provider_is_none_here(exchange: Exchange) -> None:
    assert refusal(exchange.refresh(exchange.first.sign_in()["refresh_token"])) == INVALID_GRANT


def test_a_refresh_asks_no_more_than_was_granted(exchange: Exchange) -> None:
    token = exchange.exchanged(scope="lire")["refresh_token"]
    assert refusal(exchange.refresh(token, scope="lire ecrire")) == (400, "invalid_scope")


def test_a_refresh_gives_new_tokens_of_the_same_session(exchange: Exchange) -> None:
    answer = exchange.exchanged(audience=API)
    fresh = exchange.refresh(answer["refresh_token"], scope="lire").json
    before, after = (exchange.claims(a["access_token"]) for a in (answer, fresh))
    for name in ("sub", "sid", "aud", "cnf", "auth_time", "preferred_username"):
        assert before[name] == after[name]
    assert before["jti"] != after["jti"]
    assert after["scope"] == "lire"
    again = exchange.refresh(fresh["refresh_token"]).json
    assert again["scope"] == "openid profile lire ecrire"
    assert again["refresh_token"] not in {answer["refresh_token"], fresh["refresh_token"]}


def test_refreshing_prolongs_no_session(exchange: Exchange) -> None:
    """RIE-PS 13: four hours in all."""
    answer = exchange.exchanged()
    ends = exchange.claims(answer["access_token"])["exp"]
    exchange.advance(1700)
    fresh = exchange.refresh(answer["refresh_token"]).json
    assert exchange.claims(fresh["access_token"])["exp"] == ends
    assert fresh["expires_in"] == 4 * 3600 - 1700


@pytest.fixture
def on_both(
    first: Service, server: Listening, both: Provider, master_key: str
) -> Iterator[Exchange]:
    """An API's issuer on SQLite, then on PostgreSQL."""
    url = both.store.url.render_as_string(hide_password=False)
    settings = make_settings(url, master_key, **trust(first.provider.settings.issuer))
    app = create_exchange_app(settings)
    provider = provider_of(app)
    for client_id in ("logiciel", API):
        add_api_client(provider, client_id)
    exchange = Exchange(app, provider, first, server)
    exchange.read_keys()
    yield exchange
    provider.store.close()


def simultaneously(number: int, act: Any) -> list[Any]:
    barrier, answers = threading.Barrier(number), []

    def run() -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_simultaneous_refreshes_one_gets_tokens_and_then_loses_them(on_both: Exchange) -> None:
    token = on_both.exchanged()["refresh_token"]
    answers = simultaneously(4, lambda: on_both.refresh(token))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    (won,) = (answer.json for answer in answers if answer.status_code == 200)
    assert on_both.introspect(won["access_token"]) == {"active": False}


def test_a_session_is_asked_about_by_one_worker_alone(on_both: Exchange) -> None:
    for _ in range(3):
        on_both.exchanged()
    on_both.server.asked.clear()
    asked = simultaneously(3, on_both.check_sessions)
    assert sum(asked) == 3
    assert len(on_both.server.asked) == 3
