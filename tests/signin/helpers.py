"""What a browser and a phone do, shortened: the phone's answer is written straight to its row."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.challenges import decide
from idp.store.models import BrowserSession, Challenge, Client, Interaction, JournalEvent
from idp.store.world import move_clock

PERSON = "899700990015"
SOMEBODY_ELSE = "899700990023"
NOBODY = "899900000003"
CALLBACK = "https://service.test/callback"
AFTER_LOGOUT = "https://service.test/bye"


def add_client(provider: Provider, client_id: str = "service", **changes: Any) -> None:
    given: dict[str, Any] = {
        "client_id": client_id,
        "name": f"Logiciel {client_id}",
        "secret_hash": sha256("secret"),
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
        "auth_method": "client_secret_basic",
        "jwks": None,
        "scope": "openid scope_all",
        "profile": "psc",
        "means": ["MOBILE", "CARD"],
        "options": {},
        "created_at": provider.clock.now(),
    }
    with provider.store.begin() as db:
        db.add(Client(**(given | changes)))


def request_of(**changes: str) -> dict[str, str]:
    given = {
        "client_id": "service",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid scope_all",
        "state": "the-state",
        "nonce": "the-nonce",
    }
    return {name: value for name, value in (given | changes).items() if value}


def authorize(browser: FlaskClient, **changes: str) -> TestResponse:
    return browser.get("/auth?" + urlencode(request_of(**changes)))


def begin(browser: FlaskClient, **changes: str) -> str:
    """Ask for a sign-in, and give the page's address."""
    response = authorize(browser, **changes)
    assert response.status_code == 303, response.text
    address: str = response.headers["Location"]
    assert address.startswith("/signin/"), address
    return address


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(browser: FlaskClient, page: str, action: str = "", **fields: str) -> TestResponse:
    """Post a form of the page as the page itself would."""
    token = token_in(browser.get(page))
    return browser.post(page + action, data={"csrf_token": token} | fields)


def start(browser: FlaskClient, page: str, national_id: str = PERSON, **fields: str) -> None:
    response = post(browser, page, national_id=national_id, **fields)
    assert response.status_code == 303, response.text


def newest_challenge(provider: Provider) -> Challenge:
    with provider.store.read() as db:
        newest = select(Challenge).order_by(Challenge.created_at.desc()).limit(1)
        return db.scalars(newest).one()


def answer(provider: Provider, state: str = "approved", **values: Any) -> Challenge:
    """The phone's answer to the newest challenge."""
    challenge = newest_challenge(provider)
    now = provider.clock.now()
    given = {"device_id": "device-1", "tries": 1} | values
    with provider.store.begin() as db:
        assert decide(db, challenge.challenge_id, state=state, now=now, **given)
    return challenge


def sign_in(
    browser: FlaskClient, provider: Provider, national_id: str = PERSON, **changes: str
) -> TestResponse:
    """A whole sign-in; gives what the browser is told at its end."""
    page = begin(browser, **changes)
    start(browser, page, national_id)
    answer(provider)
    return browser.get(page + "/finish")


def returned(response: TestResponse) -> dict[str, str]:
    """What the client gets at its redirect address."""
    assert response.status_code == 303, response.text
    location: str = response.headers["Location"]
    assert location.startswith(CALLBACK), location
    return {name: given[0] for name, given in parse_qs(urlsplit(location).query).items()}


def all_of(provider: Provider, model: Any) -> list[Any]:
    with provider.store.read() as db:
        return list(db.scalars(select(model)))


def live_sessions(provider: Provider) -> list[BrowserSession]:
    return [row for row in all_of(provider, BrowserSession) if row.ended_at is None]


def interactions(provider: Provider) -> list[Interaction]:
    return all_of(provider, Interaction)


def events(provider: Provider) -> list[str]:
    return [row.event for row in all_of(provider, JournalEvent)]


def wait(provider: Provider, **length: float) -> None:
    with provider.store.begin() as db:
        move_clock(db, timedelta(**length))
    with provider.store.read() as db:
        provider.synchronise_clock(db)
