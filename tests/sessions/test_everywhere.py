"""A person ends all of their sessions, from any browser in which one is live."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.store.models import JournalEvent
from tests.sessions.helpers import Listening, listening
from tests.sessions.test_browser import enter, hint, logout
from tests.signin.helpers import (
    SOMEBODY_ELSE,
    add_client,
    all_of,
    live_sessions,
    post,
    returned,
    sign_in,
)

BUTTON = 'name="everywhere"'


@pytest.fixture
def heard(provider: Provider) -> Iterator[Listening]:
    with listening(provider) as services:
        for name in ("first", "second"):
            options = {"backchannel_logout_uri": services.server.url}
            add_client(provider, name, options=options, development=True)
        yield services


@pytest.fixture
def sids(app: Flask, browser: FlaskClient, provider: Provider, heard: Listening) -> list[str]:
    """Two sessions of one person, in two browsers, and one of somebody else."""
    del heard
    here = enter(browser, provider, "first")
    assert returned(sign_in(app.test_client(), provider, client_id="second"))["code"]
    elsewhere = next(row.sid for row in live_sessions(provider) if row.sid != here)
    other = app.test_client()
    assert returned(sign_in(other, provider, SOMEBODY_ELSE, client_id="first"))["code"]
    return [here, elsewhere]


def test_another_site_cannot_end_them(
    browser: FlaskClient, provider: Provider, sids: list[str]
) -> None:
    assert browser.post("/deconnexion", data={"everywhere": "1"}).status_code == 403
    assert len(live_sessions(provider)) == len(sids) + 1


def test_a_browser_without_a_session_ends_none(
    app: Flask, provider: Provider, sids: list[str]
) -> None:
    stranger = app.test_client()
    stranger.get("/device")
    token = stranger.get("/device").text.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "everywhere": "1"}
    assert stranger.post("/deconnexion", data=fields).status_code == 200
    assert len(live_sessions(provider)) == len(sids) + 1


def test_a_service_cannot_end_the_others_by_its_hint(
    browser: FlaskClient, provider: Provider, sids: list[str]
) -> None:
    fields = {"id_token_hint": hint(provider, sids[0], "first"), "everywhere": "1"}
    assert browser.post(logout(provider), data=fields).status_code == 200
    assert sids[1] in [row.sid for row in live_sessions(provider)]


def test_signing_out_here_leaves_the_other_browser_alone(
    browser: FlaskClient, provider: Provider, sids: list[str]
) -> None:
    post(browser, "/deconnexion")
    assert sids[1] in [row.sid for row in live_sessions(provider)]


def test_all_sessions_of_the_person_end_and_no_other(
    browser: FlaskClient, provider: Provider, heard: Listening, sids: list[str]
) -> None:
    assert BUTTON in browser.get("/deconnexion").text
    assert "Vous êtes déconnecté" in post(browser, "/deconnexion", everywhere="1").text
    assert [row.national_id for row in live_sessions(provider)] == [SOMEBODY_ELSE]
    assert heard.told() == sorted([("first", sids[0]), ("second", sids[1])])
    ended = [row for row in all_of(provider, JournalEvent) if row.event == "signin:session:ended"]
    assert sorted(row.sid for row in ended) == sorted(sids)
    assert {row.data["reason"] for row in ended} == {"person"}


def test_where_there_is_one_session_nothing_more_is_offered(
    browser: FlaskClient, provider: Provider
) -> None:
    add_client(provider)
    enter(browser, provider, "service")
    assert BUTTON not in browser.get("/deconnexion").text
