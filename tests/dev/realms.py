"""A server with issuers made on demand, in this process, and people who sign in there."""

import base64
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from idp.serving import wsgi
from idp.serving.mounts import mounted_settings
from idp.serving.plan import Demand
from idp.serving.preparation import prepare_database
from idp.serving.realms import REALMS, Realms
from idp.settings import Settings
from tests.conftest import DEV_SECRET, provider_of
from tests.signin.helpers import CALLBACK, token_in
from wallet_sim.dev_provider import DevProvider
from wallet_sim.phone import Phone

HERE = "http://localhost:8000"
HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}
PERSON = "899700990015"
PIN = "2580"
_DISCOVERY = "/auth/realms/esante-wallet/.well-known/openid-configuration"


class Server:
    """What a worker of the server would load, asked by HTTP alone."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def browser(self) -> Client:
        """With cookies of its own, kept by name and path."""
        return Client(self.app)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.browser().get(path, base_url=HERE, headers=headers)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask a development address as who holds the start-up secret."""
        return self.browser().open(
            path, method=method, base_url=HERE, json=body, headers=HEADERS | headers
        )

    def discovery(self, mount: str) -> dict[str, Any]:
        answer = self.get(mount + _DISCOVERY)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found

    def names(self) -> list[str]:
        found: list[str] = self.ask("GET", "/dev/v1/realms").get_json()["realms"]
        return found

    def transport(self) -> httpx.WSGITransport:
        return httpx.WSGITransport(app=self.app)

    def developer(self, mount: str) -> DevProvider:
        return DevProvider(HERE + mount, DEV_SECRET, transport=self.transport())


class Servers:
    """Loads what workers of servers load, and gives back their databases."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._apps: list[Flask] = []
        self._new_app = wsgi._application_of
        patch.setattr(wsgi, "_application_of", self._remember)
        # The tests' own environment stays as it is.
        patch.setattr(wsgi, "without_process_environment", lambda app: app)

    def serve(self, settings: Settings, demand: Demand | None) -> Server:
        """Make its databases ready, and serve them."""
        issuers = {"": settings} | mounted_settings(settings)
        for each in issuers.values():
            prepare_database(each)
        return Server(wsgi.dispatch(issuers, demand))

    def close(self) -> None:
        for app in self._apps:
            realms: Realms | None = app.extensions.get(REALMS)
            for name in realms.names() if realms is not None else []:
                assert realms is not None
                realms.drop(name)
            provider_of(app).store.close()

    def _remember(self, settings: Settings) -> Flask:
        self._apps.append(self._new_app(settings))
        return self._apps[-1]


def enrol(server: Server, mount: str, home: Path) -> Phone:
    """A phone that went through the whole activation at one issuer."""
    developer = server.developer(mount)
    phone = Phone(home, transport=server.transport())
    phone.start_enrolment(HERE + mount, PERSON)
    phone.scan(developer.wait_for(PERSON, "mail", after=0, seconds=5).picture)
    phone.enter_sms_code(developer.wait_for(PERSON, "sms", after=0, seconds=5).code)
    phone.choose_pin(PIN)
    return phone


def add_client(server: Server, mount: str, client_id: str) -> str:
    """Register a service at one issuer; gives its secret."""
    answer = server.ask(
        "POST", f"{mount}/dev/v1/clients", {"client_id": client_id, "redirect_uris": [CALLBACK]}
    )
    assert answer.status_code == 201, answer.text
    secret: str = answer.get_json()["client_secret"]
    return secret


def authorize(browser: Client, mount: str, client_id: str) -> TestResponse:
    asked = {
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid scope_all",
        "state": "s",
        "nonce": "n",
        "acr_values": "eidas1",
    }
    return browser.get(f"{mount}/auth?{urlencode(asked)}", base_url=HERE)


def sign_in(server: Server, browser: Client, mount: str, client_id: str, phone: Phone) -> str:
    """By the pages and the phone; gives the code that the service gets."""
    page = authorize(browser, mount, client_id).headers["Location"]
    token = token_in(browser.get(page, base_url=HERE))
    answer = browser.post(page, base_url=HERE, data={"csrf_token": token, "national_id": PERSON})
    assert answer.status_code == 303, answer.text
    (pending,) = phone.pending()
    phone.approve(PIN, server.developer(mount).shown_number(pending.challenge_id))
    return code_in(browser.get(f"{page}/finish", base_url=HERE))


def code_in(answer: TestResponse) -> str:
    location = answer.headers.get("Location", "")
    assert location.startswith(CALLBACK), (answer.status_code, location, answer.text)
    return parse_qs(urlsplit(location).query)["code"][0]


def redeem(server: Server, mount: str, client_id: str, secret: str, code: str) -> TestResponse:
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return server.browser().post(
        f"{mount}/auth/realms/esante-wallet/protocol/openid-connect/token",
        base_url=HERE,
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
        headers={"Authorization": f"Basic {basic}"},
    )
