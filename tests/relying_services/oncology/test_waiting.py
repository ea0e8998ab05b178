"""What an attacker, a second tab and an impatient person try while a sign-in waits (CIBA).

The provider is played here, so that its answers fall where a race needs them; that a real phone and
a real card sign in is shown in `test_sign_in.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask
from flask.testing import FlaskClient
from requests import Response
from sqlalchemy import select

from relying_services.clock import Clock
from relying_services.oncology.store.models import SignInRow
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.oncology.conftest import PRESENTER, SURGEON
from tests.relying_services.signed_in import post, text_of

ASKED = {"identifiant": PRESENTER, "channel": "MOBILE"}
WAIT = "/connexion/attente"


@dataclass
class Provider:
    """What it was asked, and what it answers; the person has not answered at first."""

    asked: list[dict[str, str]] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    error: str = "authorization_pending"
    """Answered to each question for tokens; approved where it is empty."""
    meanwhile: Callable[[], Any] = lambda: None
    """Happens while it answers such a question."""

    def load_server_metadata(self) -> dict[str, str]:
        names = ("backchannel_authentication_endpoint", "token_endpoint")
        return {name: f"http://provider.test/{name}" for name in names}

    def ask(self, _url: str, *, data: dict[str, str], **_more: Any) -> Response:
        self.asked.append(data)
        answer = Response()
        answer.status_code = 200
        secret = f"auth-req-id-{len(self.asked)}"
        answer._content = (
            f'{{"auth_req_id": "{secret}", "expires_in": 120, "interval": 5}}'.encode()
        )
        return answer

    def poll(self, _url: str, *, auth_req_id: str, **_more: Any) -> dict[str, Any]:
        self.polled.append(auth_req_id)
        self.meanwhile()
        if self.error:
            raise OAuthError(self.error)
        return {"access_token": "token", "id_token": "verified elsewhere"}

    def parse_id_token(self, _token: Any, nonce: None) -> dict[str, Any]:
        return {"sub": "of-the-person", "sid": "sid", "authMode": "MOBILE", "nonce": nonce}

    def userinfo(self, *, token: Any) -> dict[str, Any]:
        del token
        return {"sub": "of-the-person", "SubjectNameID": PRESENTER}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr("relying_services.service.provider.psc", lambda: made)
    monkeypatch.setattr(OAuth2Session, "post", made.ask)
    monkeypatch.setattr(OAuth2Session, "fetch_token", made.poll)
    return made


def asking(app: Flask, **fields: str) -> FlaskClient:
    """A browser that waits for the person asked for."""
    browser = app.test_client()
    assert post(browser, "/connexion", **(ASKED | fields)).location == WAIT
    return browser


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/").location is None


def opened(app: Flask) -> int:
    with service_of(app).store.read() as db:
        return [each.action for each in entries(db)].count("session:opened")


def test_attack_the_number_and_the_request_are_never_those_of_a_form(
    app: Flask, provider: Provider
) -> None:
    """CIBA Core 7.1: who could choose the number would tell it to the person beforehand."""
    chosen = {"binding_message": "07", "number": "07", "nombre": "07", "scope": "offline"}
    told = {"login_hint": SURGEON, "acr_values": "none", "auth_req_id": "mine"}
    for _ in range(8):
        asking(app, **chosen, **told).get(WAIT)
    numbers = {each["binding_message"] for each in provider.asked}
    assert all(re.fullmatch(r"[0-9]{2}", each) for each in numbers)
    assert len(numbers) > 1
    assert {each["login_hint"] for each in provider.asked} == {PRESENTER}
    assert {each["scope"] for each in provider.asked} == {"openid scope_all"}
    assert "mine" not in provider.polled


def test_attack_a_browser_never_holds_the_providers_request(app: Flask, provider: Provider) -> None:
    """CIBA Core 7.3: `auth_req_id` stays with the software, where its secret is."""
    browser = asking(app)
    page = browser.get(WAIT)
    with browser.session_transaction() as kept:
        held = " ".join(str(value) for value in kept.values())
    assert provider.polled == ["auth-req-id-1"]
    assert "auth-req-id" not in page.text + str(page.headers) + held
    assert text_of(page, "number") == provider.asked[0]["binding_message"]


def test_attack_a_cookie_kept_from_before_opens_nothing_a_second_time(
    app: Flask, provider: Provider, clock: Clock
) -> None:
    """The sign-in is used up by the one who waited; the copy of the cookie waits for nothing."""
    browser, copy = asking(app), app.test_client()
    with browser.session_transaction() as kept, copy.session_transaction() as copied:
        copied.update(kept)
    provider.error = ""
    assert browser.get(WAIT).location == "/"
    clock.move(timedelta(seconds=6))
    assert copy.get(WAIT).location == "/connexion"
    assert (is_in(browser), is_in(copy), opened(app)) == (True, False, 1)


def test_attack_what_was_given_up_signs_nobody_in(
    app: Flask, provider: Provider, clock: Clock
) -> None:
    """Also with the cookie of before: the next person at the desk is not the one asked for."""
    browser = asking(app)
    with browser.session_transaction() as kept:
        before = dict(kept)
    page = browser.get(WAIT)
    assert 'action="/connexion/abandon"' in page.text
    assert post(browser, "/connexion/abandon").location == "/connexion"
    provider.error = ""
    clock.move(timedelta(seconds=6))
    with browser.session_transaction() as kept:
        kept.update(before)
    assert browser.get(WAIT).location == "/connexion"
    assert provider.polled == ["auth-req-id-1"]
    assert (is_in(browser), opened(app)) == (False, 0)


def test_attack_what_is_given_up_while_the_provider_answers_signs_nobody_in(
    app: Flask, provider: Provider
) -> None:
    """Two tabs: one is being answered as the other gives up."""
    browser, other = asking(app), app.test_client()
    with browser.session_transaction() as kept, other.session_transaction() as copied:
        copied.update(kept)
    provider.error, provider.meanwhile = "", lambda: post(other, "/connexion/abandon")
    assert browser.get(WAIT).location == "/connexion"
    assert (is_in(browser), opened(app)) == (False, 0)


def test_attack_a_forged_form_gives_nothing_up(app: Flask, provider: Provider) -> None:
    browser = asking(app)
    assert browser.post("/connexion/abandon").status_code == 403
    assert browser.get(WAIT).status_code == 200


def test_who_asks_anew_waits_for_the_last_alone(
    app: Flask, provider: Provider, clock: Clock
) -> None:
    """A second press of the button: the first question opens nothing any more."""
    browser, first = asking(app), app.test_client()
    with browser.session_transaction() as kept, first.session_transaction() as copied:
        copied.update(kept)
    post(browser, "/connexion", **(ASKED | {"identifiant": SURGEON}))
    provider.error = ""
    clock.move(timedelta(seconds=6))
    assert first.get(WAIT).location == "/connexion"
    assert browser.get(WAIT).location == "/"
    assert provider.polled == ["auth-req-id-2"]


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_grant"])
def test_a_refusal_ends_the_waiting(
    app: Flask, provider: Provider, clock: Clock, error: str
) -> None:
    """CIBA Core 11: it is told, and nothing is asked after it."""
    browser = asking(app)
    provider.error = error
    told = browser.get(WAIT)
    assert (told.status_code, text_of(told, "error")) == (400, error)
    provider.error = ""
    clock.move(timedelta(seconds=6))
    assert browser.get(WAIT).location == "/connexion"
    assert (len(provider.polled), opened(app)) == (1, 0)


def test_who_asks_too_soon_asks_five_seconds_later_from_then_on(
    app: Flask, provider: Provider, clock: Clock
) -> None:
    """CIBA Core 11, `slow_down`: for this and for all later questions."""
    browser = asking(app)
    provider.error = "slow_down"
    assert browser.get(WAIT).status_code == 200
    provider.error = "authorization_pending"
    for _ in range(2):
        clock.move(timedelta(seconds=9))
        assert 'http-equiv="refresh" content="10"' in browser.get(WAIT).text
        clock.move(timedelta(seconds=1))
        browser.get(WAIT)
    assert len(provider.polled) == 3


@pytest.mark.usefixtures("provider")
def test_sign_ins_that_nobody_waits_for_any_more_are_forgotten(app: Flask, clock: Clock) -> None:
    """With the next one: whoever asks and goes away fills no table, and leaves no request."""
    for _ in range(2):
        post(app.test_client(), "/connexion", **ASKED)
        clock.move(timedelta(seconds=120))
    with service_of(app).store.read() as db:
        assert db.scalars(select(SignInRow.auth_req_id)).all() == ["auth-req-id-2"]
