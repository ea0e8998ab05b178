"""A device, the browser in which its person decides, and a real phone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.oauth.clients.registered import DEVICE_CODE, REFRESH_TOKEN
from idp.provider import Provider
from tests.oauth.helpers import Service, add_client
from tests.signin.helpers import token_in
from tests.wallet.helpers import PERSON, PIN, enrol
from wallet_sim.phone import Phone

NAME = "Écran de la salle de soins"
GRANT = {"grant_types": [DEVICE_CODE, REFRESH_TOKEN], "redirect_uris": []}


def add_device_client(provider: Provider, client_id: str = "device", **changes: Any) -> str:
    return add_client(provider, client_id, **({"client_name": NAME} | GRANT | changes))


@dataclass
class Device:
    """A device without a keyboard: what it is told, and what it asks."""

    service: Service

    @property
    def provider(self) -> Provider:
        return self.service.provider

    def ask_codes(self, **changes: Any) -> Any:
        return self.service.post("auth/device", {"scope": "openid scope_all"} | changes)

    def codes(self, **changes: Any) -> dict[str, Any]:
        answer = self.ask_codes(**changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def poll(self, device_code: str, **changes: Any) -> Any:
        return self.service.post(
            "token", {"grant_type": DEVICE_CODE, "device_code": device_code} | changes
        )

    def error(self, device_code: str, **changes: Any) -> str:
        answer = self.poll(device_code, **changes)
        assert answer.status_code == 400, answer.text
        return str(answer.json["error"])


@dataclass
class Person:
    """Somebody with a browser and an activated phone."""

    browser: FlaskClient
    phone: Phone

    def post(self, page: str, action: str = "", **fields: str) -> TestResponse:
        token = token_in(self.browser.get(page))
        return self.browser.post(page + action, data={"csrf_token": token} | fields)

    def bring(self, user_code: str) -> TestResponse:
        return self.post("/device", user_code=user_code)

    def page_for(self, user_code: str) -> str:
        """The address of the sign-in that the code opens."""
        answer = self.bring(user_code)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def sign_in(self, page: str, **fields: str) -> None:
        """By the phone: number and PIN; then the page asks for the confirmation."""
        assert self.post(page, national_id=PERSON, **fields).status_code == 303
        self.phone.approve(PIN, shown_number(self.browser.get(page)))
        answer = self.browser.get(page + "/finish")
        assert answer.headers["Location"] == page, answer.text

    def decide(self, page: str, answer: str = "confirm") -> TestResponse:
        shown = self.browser.get(page)
        sid = shown.text.split('name="sid" value="')[1].split('"')[0]
        return self.post(page, "/confirm", sid=sid, answer=answer)

    def approve(self, user_code: str) -> None:
        """The whole way, from the code to the end page."""
        page = self.page_for(user_code)
        if 'name="sid"' not in self.browser.get(page).text:
            self.sign_in(page)
        done = self.decide(page)
        assert done.headers["Location"].endswith("/device/done"), done.text


def shown_number(page: TestResponse) -> str:
    return page.text.split('id="challenge-number"')[1].split(">")[1].split("<")[0]


def a_person(app: Flask, folder: Path) -> Person:
    phone = enrol(app, folder)
    return Person(app.test_client(), phone)
