"""Ends that a browser or a service causes, and which services are told of them."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from idp.oauth.tokens.signing import sign
from idp.provider import Provider
from tests.sessions.helpers import Listening, listening
from tests.signin.helpers import (
    SOMEBODY_ELSE,
    add_client,
    authorize,
    live_sessions,
    post,
    returned,
    sign_in,
)


@pytest.fixture
def heard(provider: Provider) -> Iterator[Listening]:
    with listening(provider) as services:
        for name in ("first", "second"):
            options = {"backchannel_logout_uri": services.server.url}
            add_client(provider, name, options=options, development=True)
        yield services


def enter(browser: FlaskClient, provider: Provider, client_id: str) -> str:
    """Sign in to a first service; gives the `sid`."""
    assert returned(sign_in(browser, provider, client_id=client_id))["code"]
    return live_sessions(provider)[0].sid


def enter_further(browser: FlaskClient, client_id: str) -> None:
    """Into a further service by the same session, which asks once (decision 13)."""
    page = authorize(browser, client_id=client_id).headers["Location"]
    found = re.search(r'name="sid" value="([^"]+)"', browser.get(page).text)
    assert found is not None
    assert returned(post(browser, page, "/confirm", sid=found[1], answer="confirm"))["code"]


def logout(provider: Provider) -> str:
    return provider.settings.realm_path + "/protocol/openid-connect/logout"


def hint(provider: Provider, sid: str, client_id: str) -> str:
    claims = {"iss": provider.settings.issuer, "aud": client_id, "sub": "x", "sid": sid}
    return sign(provider, claims | {"typ": "ID", "exp": provider.clock.timestamp()})


def test_a_logout_that_is_refused_tells_nobody(
    browser: FlaskClient, provider: Provider, heard: Listening
) -> None:
    sid = enter(browser, provider, "first")
    forged = hint(provider, sid, "first")[:-4] + "AAAA"
    assert browser.get(logout(provider), query_string={"id_token_hint": forged}).status_code == 400
    assert heard.told() == []


def test_rp_initiated_logout_tells_every_service_of_the_session(
    browser: FlaskClient, provider: Provider, heard: Listening
) -> None:
    """oidcc-backchannel-rp-initiated-logout: the one that asks is told like the others."""
    sid = enter(browser, provider, "first")
    enter_further(browser, "second")
    token = hint(provider, sid, "first")
    for _ in range(2):
        answer = browser.get(logout(provider), query_string={"id_token_hint": token})
        assert answer.status_code == 200
    assert heard.told() == [("first", sid), ("second", sid)]


def test_the_page_of_the_person_tells_them_too(
    browser: FlaskClient, provider: Provider, heard: Listening
) -> None:
    sid = enter(browser, provider, "first")
    assert browser.get("/deconnexion").status_code == 200
    assert heard.told() == []
    post(browser, "/deconnexion")
    assert heard.told() == [("first", sid)]


def test_another_person_who_signs_in_ends_the_session_before(
    browser: FlaskClient, provider: Provider, heard: Listening
) -> None:
    sid = enter(browser, provider, "first")
    sign_in(browser, provider, SOMEBODY_ELSE, client_id="second", prompt="login")
    assert heard.told() == [("first", sid)]


def test_a_step_up_of_the_same_person_ends_nothing(
    browser: FlaskClient, provider: Provider, heard: Listening
) -> None:
    sid = enter(browser, provider, "first")
    sign_in(browser, provider, client_id="first", prompt="login")
    assert [session.sid for session in live_sessions(provider)] == [sid]
    assert heard.told() == []
