"""What an operator does at the console's door, in a browser of this process."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.audit.events import Event
from idp.console.entry.visitors import OPEN, UNSEEN
from idp.console.operators.rules import add
from idp.provider import Provider
from idp.store.models import JournalEvent
from idp.store.operators import change_roles
from tests.security_keys.authenticator import Authenticator

CONSOLE = "http://localhost:8007"
PASSWORD = "une phrase que personne ne devine"
STEP = 30


class _Browser(FlaskClient):
    """At the console's address, unless a test says otherwise."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **({"base_url": CONSOLE} | options))


def browser_of(app: Flask) -> FlaskClient:
    """A browser with its own cookies."""
    return _Browser(app, app.response_class)


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(browser: FlaskClient, path: str, *, page: str = "", **fields: Any) -> TestResponse:
    """Post a form of the page that shows it."""
    token = token_in(browser.get(page or path))
    return browser.post(path, data={"csrf_token": token} | fields)


@dataclass
class Door:
    """A browser before the entrance."""

    browser: FlaskClient

    def by_secret(self, secret: str) -> TestResponse:
        return post(self.browser, "/entree/developpement", page="/entree", secret=secret)

    def by_password(self, name: str, password: str, code: str) -> TestResponse:
        fields = {"name": name, "password": password, "code": code}
        return post(self.browser, "/entree/mot-de-passe", page="/entree", **fields)


@dataclass
class Colleague:
    """An operator with a password and an authenticator, and the browser they work in."""

    provider: Provider
    name: str
    secret: str
    browser: FlaskClient

    def code(self, drift: int = 0) -> str:
        """What their authenticator shows now, or so many steps later."""
        at = int(self.provider.clock.now().timestamp()) + drift * STEP
        return str(pyotp.TOTP(self.secret).at(at))

    def enter(self) -> TestResponse:
        """Come in again, with a code that was not used yet."""
        return Door(self.browser).by_password(self.name, PASSWORD, self.code())

    def post(self, path: str, *, page: str = "", **fields: Any) -> TestResponse:
        return post(self.browser, path, page=page, **fields)


def colleague(app: Flask, provider: Provider, name: str, *roles: str) -> Colleague:
    """Invite an operator, who joins with a password, and is at work."""
    with provider.store.begin() as db:
        secret = add(provider, db, name, roles)
    browser = browser_of(app)
    page = browser.get(f"/invitation/{secret}")
    totp = re.search(r'<code id="totp">([^<]+)</code>', page.text)
    assert totp, page.text
    joining = Colleague(provider, name, totp[1].replace(" ", ""), browser)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": joining.code(-1)}
    joined = browser.post(
        f"/invitation/{secret}/mot-de-passe", data={"csrf_token": token_in(page)} | fields
    )
    assert joined.status_code == 303, joined.text
    return joining


@dataclass
class KeyHolder:
    """An operator who enters by a security key."""

    provider: Provider
    name: str
    key: Authenticator
    browser: FlaskClient

    def enter(self, *, page: str = "/entree", to: str = "/entree/cle") -> Any:
        token = token_in(self.browser.get(page))
        options = self.browser.get("/entree/cle/options").get_json()
        answer = self.key.get(options, CONSOLE)
        return self.browser.post(to, data={"csrf_token": token, "answer": answer})


def key_holder(app: Flask, provider: Provider, name: str, *roles: str) -> KeyHolder:
    """Invite an operator, who joins with a security key, and is at work."""
    with provider.store.begin() as db:
        secret = add(provider, db, name, roles)
    holder = KeyHolder(provider, name, Authenticator(), browser_of(app))
    token = token_in(holder.browser.get(f"/invitation/{secret}"))
    options = holder.browser.get(f"/invitation/{secret}/cle/options").get_json()
    fields = {"csrf_token": token, "answer": holder.key.create(options, CONSOLE)}
    joined = holder.browser.post(f"/invitation/{secret}/cle", data=fields)
    assert joined.status_code == 303, joined.text
    return holder


def give(provider: Provider, name: str, *roles: str) -> None:
    """Give an operator other roles: none where none are named."""
    with provider.store.begin() as db:
        change_roles(db, name, roles)


def later(provider: Provider, **duration: float) -> None:
    """Let time pass for a provider, from its beginning."""
    provider.clock.synchronise(timedelta(**duration))


def events(provider: Provider, event: Event) -> list[JournalEvent]:
    with provider.store.read() as db:
        return list(db.scalars(select(JournalEvent).where(JournalEvent.event == event)))


def error_in(page: TestResponse) -> str:
    """What a page says went wrong."""
    found = re.search(r'role="alert">(?:\s*<p>)?([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def leads_to_entrance(response: TestResponse) -> bool:
    return response.status_code == 303 and response.headers["Location"].startswith("/entree")


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every method and path of the console behind the entrance, present and future."""
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint in OPEN or rule.endpoint in UNSEEN:
            continue
        built = rule.build({name: _VALUES.get(name, "x1") for name in rule.arguments})
        assert built is not None, rule
        found += [(m, built[1]) for m in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


_VALUES = {"change": "roles"}
