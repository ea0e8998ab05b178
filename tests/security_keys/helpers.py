"""A person, what they sign in with, and the pages that ask for it."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.models import SecurityKey
from tests.cards.helpers import IssuedCard
from tests.conftest import BASE_URL
from tests.portal.helpers import Visit, to
from tests.security_keys.authenticator import Authenticator
from tests.signin.helpers import all_of, begin, newest_challenge, token_in
from tests.wallet.helpers import PERSON, PIN
from wallet_sim.phone import Phone

KEYS = "/portail/cles"
ADD = "/portail/cles/ajouter"
NAME = "Clé du cabinet"


@dataclass
class Practitioner:
    """Somebody before a browser, with a phone, perhaps a card, and a security key."""

    browser: FlaskClient
    provider: Provider
    phone: Phone
    national_id: str = PERSON
    key: Authenticator = field(default_factory=Authenticator)

    def ask(self, page: str) -> str:
        """Ask for a page that wants a sign-in; gives the address of the sign-in's page."""
        response = self.browser.get(page)
        while not (address := to(response)).startswith("/signin/"):
            response = self.browser.get(address)
        self.browser.get(address)
        return address

    def approve(self, page: str) -> TestResponse:
        """Sign in by phone on a page of the sign-in; gives where it leads."""
        tab = f"{page}?moyen=telephone"
        token = token_in(self.browser.get(tab))
        fields = {"csrf_token": token, "national_id": self.national_id}
        asked = self.browser.post(page, data=fields)
        assert asked.status_code == 303, asked.text
        self.phone.approve(PIN, newest_challenge(self.provider).number)
        return self.browser.get(f"{page}/finish")

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where the answers lead, until a page is shown."""
        while response.status_code == 303:
            response = self.browser.get(to(response))
        return response

    def enter_by_phone(self, page: str = ADD) -> TestResponse:
        """Open a page of the portal by a sign-in with the e-CPS."""
        return self.follow(self.approve(self.ask(page)))

    def enter_by_card(self, card: IssuedCard, page: str = ADD) -> TestResponse:
        """Open a page of the portal by a sign-in with the card."""
        visit = Visit(self.browser, card)
        return self.follow(visit.present(self.ask(page)))

    def register(self, name: str = NAME) -> TestResponse:
        """Answer the adding page with a new key of the authenticator."""
        return self.add(self.key.create(self.creation_options(), BASE_URL), name)

    def creation_options(self) -> dict[str, Any]:
        response = self.browser.get(f"{KEYS}/options")
        assert response.status_code == 200, response.text
        options: dict[str, Any] = response.get_json()
        return options

    def add(self, answer: str, name: str = NAME) -> TestResponse:
        return self.post_answer(answer, self.token(), name)

    def token(self) -> str:
        """What forms of this browser carry; it stays."""
        return token_in(self.browser.get(ADD))

    def post_answer(self, answer: str, token: str, name: str = NAME) -> TestResponse:
        fields = {"csrf_token": token, "name": name, "answer": answer}
        return self.browser.post(ADD, data=fields)

    def step_up_by_key(self) -> TestResponse:
        """Sign in to the service with the key, in the session that stands."""
        page = begin(self.browser, prompt="login")
        return SignIn(self.browser, page).by(self.key)

    def step_up_by_phone(self, client_id: str) -> TestResponse:
        """Sign in by phone to a service that takes nothing else."""
        return self.approve(begin(self.browser, client_id=client_id))

    def remove(self) -> TestResponse:
        """Remove the only key, confirmed."""
        page = f"{KEYS}/{self.only_key().credential_id}/suppression"
        return self.browser.post(page, data={"csrf_token": token_in(self.browser.get(page))})

    def held(self) -> list[SecurityKey]:
        return all_of(self.provider, SecurityKey)

    def only_key(self) -> SecurityKey:
        (key,) = self.held()
        return key


@dataclass
class SignIn:
    """A sign-in under way in a browser, answered by a key."""

    browser: FlaskClient
    page: str

    def options(self) -> dict[str, Any]:
        response = self.browser.get(f"{self.page}/key/options")
        assert response.status_code == 200, response.text
        options: dict[str, Any] = response.get_json()
        return options

    def post(self, answer: str, **fields: str) -> TestResponse:
        return self.post_with(self.token(), answer, **fields)

    def token(self) -> str:
        """What forms of this browser carry; it stays."""
        return token_in(self.browser.get(self.page))

    def post_with(self, token: str, answer: str, **fields: str) -> TestResponse:
        given = {"csrf_token": token, "answer": answer} | fields
        return self.browser.post(f"{self.page}/key", data=given)

    def by(self, key: Authenticator) -> TestResponse:
        """An honest sign-in with an authenticator."""
        return self.post(key.get(self.options(), BASE_URL))


def sign_in(app: Flask, **changes: str) -> SignIn:
    """Begin a sign-in to the service, in a browser that nobody used before."""
    browser = app.test_client()
    return SignIn(browser, begin(browser, **changes))


def error_in(page: TestResponse) -> str:
    """What a page that refuses says."""
    found = re.search(r'class="alert error"[^>]*>\s*(?:<p>)?([^<]+)', page.text)
    assert found, page.text
    return found[1].strip()
