"""The modules of `oidcc-rp-initiated-logout-certification-test-plan`, one a test."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.provider import Provider
from tests.sessions.test_browser import enter, hint, logout
from tests.signin.helpers import (
    AFTER_LOGOUT,
    add_client,
    authorize,
    live_sessions,
    returned,
    token_in,
)


@pytest.fixture(autouse=True)
def sid(browser: FlaskClient, provider: Provider) -> str:
    add_client(provider)
    return enter(browser, provider, "service")


def ask(browser: FlaskClient, provider: Provider, **sent: str) -> TestResponse:
    """The request, and where it leads as long as it stays here."""
    answer = browser.get(logout(provider), query_string=sent)
    if answer.headers.get("Location", "").startswith("/"):
        answer = browser.get(answer.headers["Location"])
    return answer


def confirm(browser: FlaskClient, page: TestResponse, **carried: str) -> TestResponse:
    fields = {"csrf_token": token_in(page)} | carried
    return browser.post("/deconnexion", data=fields)


def is_refused(provider: Provider, answer: TestResponse) -> bool:
    """A page that says so; nobody was sent anywhere, and nothing ended."""
    here = answer.status_code == 400 and "Location" not in answer.headers
    return here and 'role="alert"' in answer.text and len(live_sessions(provider)) == 1


def test_bad_post_logout_redirect_uri(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri."""
    sent = {"id_token_hint": hint(provider, sid, "service"), "state": "s"}
    for uri in (AFTER_LOGOUT + "/x", "https://evil.test/", AFTER_LOGOUT.upper()):
        answer = ask(browser, provider, **sent, post_logout_redirect_uri=uri)
        assert is_refused(provider, answer), uri


def test_query_added_to_the_address(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri."""
    sent = {"id_token_hint": hint(provider, sid, "service")}
    answer = ask(browser, provider, **sent, post_logout_redirect_uri=f"{AFTER_LOGOUT}?foo=bar")
    assert is_refused(provider, answer)


def test_modified_id_token_hint(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint."""
    header, payload, signature = hint(provider, sid, "service").split(".")
    swapped = signature[::-1]
    answer = ask(
        browser,
        provider,
        id_token_hint=f"{header}.{payload}.{swapped}",
        post_logout_redirect_uri=AFTER_LOGOUT,
    )
    assert is_refused(provider, answer)


def test_bad_id_token_hint(browser: FlaskClient, provider: Provider) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint."""
    answer = ask(
        browser, provider, id_token_hint="not a token", post_logout_redirect_uri=AFTER_LOGOUT
    )
    assert is_refused(provider, answer)


def test_no_id_token_hint(browser: FlaskClient, provider: Provider) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: without a client nobody can be returned to."""
    answer = ask(browser, provider, post_logout_redirect_uri=AFTER_LOGOUT, state="s")
    assert is_refused(provider, answer)


def test_no_id_token_hint_but_client_id(browser: FlaskClient, provider: Provider) -> None:
    """RP-Initiated Logout 1.0, 2 and 3: with `client_id` the person is asked, then returned."""
    sent = {"client_id": "service", "post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    page = ask(browser, provider, **sent)
    assert "Logiciel service" in page.text
    assert len(live_sessions(provider)) == 1
    assert confirm(browser, page, **sent).headers["Location"] == f"{AFTER_LOGOUT}?state=s"
    assert live_sessions(provider) == []


def test_no_params(browser: FlaskClient, provider: Provider) -> None:
    """oidcc-rp-initiated-logout-no-params."""
    page = ask(browser, provider)
    assert len(live_sessions(provider)) == 1
    assert "Vous êtes déconnecté" in confirm(browser, page).text
    assert live_sessions(provider) == []


def test_only_state(browser: FlaskClient, provider: Provider) -> None:
    """oidcc-rp-initiated-logout-only-state."""
    page = ask(browser, provider, state="s")
    left = confirm(browser, page, state="s")
    assert left.status_code == 200
    assert "Vous êtes déconnecté" in left.text


def test_no_post_logout_redirect_uri(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri."""
    sent = {"id_token_hint": hint(provider, sid, "service"), "state": "s"}
    left = ask(browser, provider, **sent)
    assert left.status_code == 200
    assert "Vous êtes déconnecté" in left.text
    assert live_sessions(provider) == []


def test_no_state(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout-no-state."""
    sent = {"id_token_hint": hint(provider, sid, "service")}
    left = ask(browser, provider, **sent, post_logout_redirect_uri=AFTER_LOGOUT)
    assert left.headers["Location"] == AFTER_LOGOUT


def test_logout(browser: FlaskClient, provider: Provider, sid: str) -> None:
    """oidcc-rp-initiated-logout: the session is over, as `prompt=none` then shows."""
    sent = {
        "id_token_hint": hint(provider, sid, "service"),
        "post_logout_redirect_uri": AFTER_LOGOUT,
        "state": "s",
    }
    left = ask(browser, provider, **sent)
    assert left.headers["Location"] == f"{AFTER_LOGOUT}?state=s"
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_discovery(app: Flask, provider: Provider) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification."""
    address = f"{provider.settings.realm_path}/.well-known/openid-configuration"
    document: dict[str, Any] = json.loads(app.test_client().get(address).text)
    assert document["end_session_endpoint"] == provider.settings.issuer + (
        "/protocol/openid-connect/logout"
    )


def test_ui_locales_choose_the_language(browser: FlaskClient, provider: Provider) -> None:
    """RP-Initiated Logout 1.0, 2."""
    for language in ("en", "fr"):
        page = ask(browser, provider, ui_locales=f"xx {language}")
        assert f'<html lang="{language}">' in page.text


def test_a_logout_hint_ends_nothing_unasked(browser: FlaskClient, provider: Provider) -> None:
    """Anybody can write one: it proves nothing, and the person is asked as without it."""
    page = ask(browser, provider, logout_hint="899700990015", client_id="service")
    assert "Voulez-vous fermer" in page.text
    assert len(live_sessions(provider)) == 1


def test_a_client_that_does_not_fit_the_hint_is_refused(
    browser: FlaskClient, provider: Provider, sid: str
) -> None:
    """RP-Initiated Logout 1.0, 2: `client_id` and `aud` must agree."""
    add_client(provider, "other")
    answer = ask(browser, provider, client_id="other", id_token_hint=hint(provider, sid, "service"))
    assert is_refused(provider, answer)
