"""People who may no longer sign in are refused, and nobody learns it without the phone (EC-01)."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from idp.provider import Provider
from idp.store.models import AuthorizationCode, BrowserSession, DirectoryPerson
from idp.store.people import write_correction
from tests.signin.helpers import (
    PERSON,
    SOMEBODY_ELSE,
    all_of,
    answer,
    authorize,
    begin,
    events,
    live_sessions,
    post,
    returned,
    sign_in,
    start,
)


def strike_off(provider: Provider) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        write_correction(db, national_id=PERSON, struck_off=True, civil_identity=None, now=now)


def close(provider: Provider) -> None:
    with provider.store.begin() as db:
        db.execute(
            update(DirectoryPerson).where(DirectoryPerson.national_id == PERSON).values(closed=True)
        )


def leave(provider: Provider) -> None:
    """The next extract no longer holds them."""
    with provider.store.begin() as db:
        db.execute(delete(DirectoryPerson).where(DirectoryPerson.national_id == PERSON))


WAYS_OUT = pytest.mark.parametrize("go", [strike_off, close, leave])


@WAYS_OUT
def test_an_approved_sign_in_of_theirs_is_refused_at_its_end(
    browser: FlaskClient, provider: Provider, go: Callable[[Provider], None]
) -> None:
    page = begin(browser)
    start(browser, page)
    go(provider)
    answer(provider)
    refused = browser.get(page + "/finish")
    assert refused.status_code == 403
    assert browser.get_cookie("ecps_session") is None
    assert all_of(provider, BrowserSession) == []
    assert all_of(provider, AuthorizationCode) == []
    assert "signin:person:refused" in events(provider)
    assert browser.get(page + "/finish").status_code == 303


@WAYS_OUT
def test_before_the_phone_answered_their_pages_are_those_of_anybody(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    go: Callable[[Provider], None],
) -> None:
    """Attack 24 (finding who exists)."""
    go(provider)
    pages = []
    for client, who in ((browser, PERSON), (other_browser, SOMEBODY_ELSE)):
        page = begin(client)
        start(client, page, who)
        shown = client.get(page)
        assert shown.status_code == 200
        pages.append(_without_random(shown.text))
        assert client.get(page + "/status").json == {"state": "pending"}
    assert pages[0] == pages[1]


@WAYS_OUT
def test_their_live_session_opens_no_service_and_ends(
    browser: FlaskClient, provider: Provider, go: Callable[[Provider], None]
) -> None:
    sign_in(browser, provider)
    go(provider)
    assert returned(authorize(browser))["error"] == "access_denied"
    assert live_sessions(provider) == []
    assert "signin:person:refused" in events(provider)


def test_a_silent_request_of_theirs_is_told_to_sign_in(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    strike_off(provider)
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_their_confirmation_of_a_service_is_refused(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    page = begin(browser, prompt="consent")
    sid = live_sessions(provider)[0].sid
    strike_off(provider)
    assert returned(post(browser, page, "/confirm", sid=sid, answer="confirm"))["error"] == (
        "access_denied"
    )
    assert live_sessions(provider) == []


def _without_random(page: str) -> str:
    page = re.sub(r"/signin/[\w-]{43}|%2Fsignin%2F[\w-]{43}", "/signin/HANDLE", page)
    page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1TOKEN", page)
    return re.sub(r'(id="challenge-number"[^>]*>)\s*\d+', r"\1NN", page)
