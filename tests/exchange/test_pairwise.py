"""Pairwise subjects (decision 11): in exchanged tokens too, and in every hint."""

from collections.abc import Iterator
from typing import Any

import pytest

from idp import create_app
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import ASKING, CLIENT, Exchange, Listening, refusal
from tests.oauth.helpers import PERSON, Service, add_client, events, open_session


@pytest.fixture
def first(server: Listening, sqlite_url: str, master_key: str) -> Iterator[Service]:
    settings = make_settings(sqlite_url, master_key, base_url=server.address, sub_format="pairwise")
    app = create_app(settings)
    server.app = app
    provider = provider_of(app)
    add_client(provider)
    add_client(provider, "other", redirect_uris=["https://other.test/callback"])
    add_client(provider, ASKING, session_introspection=True)
    yield Service(app, provider)
    provider.store.close()


def all_told(exchange: Exchange, answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        exchange.claims(answer["access_token"]),
        exchange.claims(answer["id_token"]),
        exchange.introspect(answer["access_token"]),
        exchange.introspect(answer["refresh_token"], as_client=CLIENT),
    ]


def test_no_exchanged_token_names_the_person(exchange: Exchange) -> None:
    answer = exchange.exchanged()
    told = all_told(exchange, answer)
    assert len({claims["sub"] for claims in told}) == 1
    for claims in told:
        assert not {"SubjectNameID", "preferred_username", "otherIds", "username"} & set(claims)
    assert PERSON not in str(told)
    fresh = exchange.refresh(answer["refresh_token"]).json
    assert all_told(exchange, fresh)[0]["sub"] == told[0]["sub"]
    assert "exchange:token:issued" in events(exchange.provider)


def test_what_was_refreshed_has_the_same_subject_everywhere(first: Service) -> None:
    signed_in = first.sign_in()
    fresh = first.refresh(signed_in["refresh_token"]).json
    told = [
        first.claims(fresh["id_token"]),
        first.claims(fresh["access_token"]),
        first.introspect(fresh["access_token"]),
        first.introspect(fresh["refresh_token"]),
        first.userinfo(fresh["access_token"]).json,
    ]
    assert {claims["sub"] for claims in told} == {first.claims(signed_in["id_token"])["sub"]}
    assert PERSON not in str(told)


def test_a_subject_of_another_sector_is_another_person_to_an_api(exchange: Exchange) -> None:
    """The same person by two services is not to be put together by whoever sees both."""
    session = open_session(exchange.first.provider)
    other = exchange.first.as_client("other")
    code = other.authorize(session, redirect_uri="https://other.test/callback")["code"]
    theirs = other.exchange(code, redirect_uri="https://other.test/callback").json
    ours = exchange.first.sign_in(session)
    subs = {exchange.first.claims(t["access_token"])["sub"] for t in (ours, theirs)}
    assert len(subs) == 2
    assert refusal(exchange.exchange(theirs["access_token"])) == (400, "invalid_request")
