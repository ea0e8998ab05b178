"""Logout ends a session everywhere (OpenID Connect RP-Initiated Logout 1.0)."""

from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.oauth.tokens.signing import sign
from idp.provider import Provider
from idp.store.models import Grant
from tests.signin.helpers import (
    AFTER_LOGOUT,
    all_of,
    authorize,
    events,
    live_sessions,
    post,
    returned,
    sign_in,
    token_in,
)

OPEN = {"client_id": "service", "post_logout_redirect_uri": AFTER_LOGOUT, "state": "back"}


@pytest.fixture
def address(provider: Provider) -> str:
    return provider.settings.realm_path + "/protocol/openid-connect/logout"


def _hint(provider: Provider, sid: str, **changes: object) -> str:
    claims = {
        "iss": provider.settings.issuer,
        "aud": "service",
        "sub": "somebody",
        "sid": sid,
        "typ": "ID",
        "exp": provider.clock.timestamp() - 3600,
    }
    return sign(provider, claims | changes)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_id_token_ends_its_session_without_a_question(
    browser: FlaskClient, provider: Provider, address: str, method: str
) -> None:
    sign_in(browser, provider)
    hint = _hint(provider, live_sessions(provider)[0].sid)
    fields = {"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT, "state": "back"}
    if method == "GET":
        response = browser.get(address, query_string=fields)
    else:
        response = browser.post(address, data=fields)
    assert response.status_code == 303
    assert response.headers["Location"] == f"{AFTER_LOGOUT}?state=back"
    assert live_sessions(provider) == []
    assert all(grant.revoked_at is not None for grant in all_of(provider, Grant))
    assert "signin:session:ended" in events(provider)
    assert browser.get_cookie("ecps_session") is None
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_a_server_ends_a_session_with_the_id_token_alone(
    app: Flask, browser: FlaskClient, provider: Provider, address: str
) -> None:
    sign_in(browser, provider)
    server = app.test_client(use_cookies=False)
    hint = _hint(provider, live_sessions(provider)[0].sid)
    assert server.post(address, data={"id_token_hint": hint}).status_code == 200
    assert live_sessions(provider) == []
    assert server.post(address, data={"id_token_hint": hint}).status_code == 200


def test_a_forged_hint_ends_nothing(browser: FlaskClient, provider: Provider, address: str) -> None:
    sign_in(browser, provider)
    hint = _hint(provider, live_sessions(provider)[0].sid)
    for forged in (hint[:-4] + "AAAA", "nonsense"):
        assert browser.post(address, data={"id_token_hint": forged}).status_code == 400
    foreign = _hint(provider, live_sessions(provider)[0].sid, iss="https://elsewhere.test")
    assert browser.post(address, data={"id_token_hint": foreign}).status_code == 400
    assert len(live_sessions(provider)) == 1


def test_an_unregistered_address_is_not_followed(
    browser: FlaskClient, provider: Provider, address: str
) -> None:
    sign_in(browser, provider)
    hint = _hint(provider, live_sessions(provider)[0].sid)
    fields = {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.test/"}
    assert browser.get(address, query_string=fields).status_code == 400
    assert len(live_sessions(provider)) == 1


def test_without_a_hint_the_person_is_asked(
    browser: FlaskClient, provider: Provider, address: str
) -> None:
    sign_in(browser, provider)
    response = browser.get(address, query_string=OPEN)
    page = response.headers["Location"]
    assert page.startswith("/deconnexion?")
    shown = browser.get(page)
    assert "Logiciel service demande à vous déconnecter" in shown.text
    assert len(live_sessions(provider)) == 1
    fields = OPEN | {"csrf_token": token_in(shown)}
    left = browser.post("/deconnexion", data=fields)
    assert left.headers["Location"] == f"{AFTER_LOGOUT}?state=back"
    assert live_sessions(provider) == []


def test_another_site_cannot_answer_for_the_person(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    assert browser.post("/deconnexion", data=OPEN).status_code == 403
    assert len(live_sessions(provider)) == 1


def test_a_look_ahead_signs_nobody_out(browser: FlaskClient, provider: Provider) -> None:
    """A HEAD carries no token of a form: it asks, as the page does."""
    sign_in(browser, provider)
    browser.head("/deconnexion", data=OPEN | {"everywhere": "1"})
    assert len(live_sessions(provider)) == 1


def test_who_is_not_signed_in_is_sent_back_at_once(browser: FlaskClient, address: str) -> None:
    page = browser.get(address + "?" + urlencode(OPEN)).headers.get("Location", "")
    response = browser.get(page)
    assert response.headers["Location"] == f"{AFTER_LOGOUT}?state=back"


def test_a_hint_of_an_older_session_does_not_end_a_newer_one_unasked(
    browser: FlaskClient, provider: Provider, address: str
) -> None:
    sign_in(browser, provider)
    response = browser.get(address, query_string={"id_token_hint": _hint(provider, "older")})
    assert response.headers["Location"].startswith("/deconnexion?")
    assert len(live_sessions(provider)) == 1


def test_a_person_may_sign_out_by_themselves(browser: FlaskClient, provider: Provider) -> None:
    sign_in(browser, provider)
    assert "Vous êtes déconnecté" in post(browser, "/deconnexion").text
    assert live_sessions(provider) == []
