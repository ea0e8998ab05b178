"""The real phone and the real pages together, as person and attacker have them."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import httpx
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.signin.helpers import PERSON, begin, post, start
from tests.wallet.helpers import PIN
from wallet_sim.documents import Challenge as ShownChallenge
from wallet_sim.phone import Phone

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:142.0) Gecko/20100101 Firefox/142.0"
STRICT = {
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
"""What the `strict` profile demands of every authorization request besides."""
_NUMBER = re.compile(r'id="challenge-number"[^>]*>(\d\d)<')


def browser_at(app: Flask, address: str = "127.0.0.1", **headers: str) -> FlaskClient:
    """A new browser somewhere on the network; ``headers`` go with each of its requests."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    for name, value in headers.items():
        browser.environ_base[f"HTTP_{name.upper()}"] = value
    return browser


def browse_to_number(
    browser: FlaskClient, national_id: str = PERSON, **changes: str
) -> tuple[str, str]:
    """Ask for a sign-in by the pages; gives the waiting page's address and the number it shows.

    ``same_device`` presses the other button; further ``changes`` are the service's request.
    """
    fields = {name: changes.pop(name) for name in ("same_device",) if name in changes}
    page = begin(browser, **changes)
    start(browser, page, national_id, **fields)
    return page, number_on(browser, page)


def number_on(browser: FlaskClient, page: str) -> str:
    waiting = browser.get(page)
    found = _NUMBER.search(waiting.text)
    assert found, waiting.text
    return found[1]


def state_on(browser: FlaskClient, page: str) -> str:
    """What the waiting page's script is told."""
    return str(browser.get(page + "/status").get_json()["state"])


def start_anew(browser: FlaskClient, page: str, national_id: str = PERSON) -> str:
    """Give the challenge up and ask again on the same page; gives the new number."""
    assert post(browser, page, "/restart").status_code == 303
    start(browser, page, national_id)
    return number_on(browser, page)


def sign_in_with(
    browser: FlaskClient, phone: Phone, national_id: str = PERSON, pin: str = PIN, **changes: str
) -> TestResponse:
    """A whole sign-in by pages and phone; gives what the browser is told at its end."""
    page, number = browse_to_number(browser, national_id, **changes)
    phone.approve(pin, number)
    return browser.get(page + "/finish")


def send_raw(phone: Phone, path: str, members: dict[str, Any]) -> dict[str, Any]:
    """A request under the phone's own device key that its application would not send."""
    with phone._exchange() as exchange:
        return exchange.request(path, members)


def altered(challenge: ShownChallenge, **members: Any) -> ShownChallenge:
    """The document as a tampered phone would hold it."""
    return challenge.model_copy(update={"payload": challenge.payload | members})


def tamper(jws: str, **members: Any) -> str:
    """A signed text whose payload was changed on its way, under the signature it had."""
    head, payload, signature = jws.split(".")
    padded = payload + "=" * (-len(payload) % 4)
    changed = json.loads(urlsafe_b64decode(padded)) | members
    body = urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


class Interceptor(httpx.BaseTransport):
    """Somebody on the way between phone and provider."""

    def __init__(self, app: Flask) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self._requests: dict[str, dict[str, Any]] = {}
        self._documents: dict[str, Any] = {}
        self._withheld = ""
        self.captured: list[bytes] = []

    def change_requests(self, path: str, **members: Any) -> None:
        """Change these members of the signed requests whose path ends so."""
        self._requests = {path: members}

    def change_documents(self, **members: Any) -> None:
        """Change these members of the documents of pending sign-ins."""
        self._documents = members

    def withhold(self, path: str) -> None:
        """Keep the requests whose path ends so, and let nothing through."""
        self._withheld = path

    def leave(self) -> None:
        """Change nothing any more."""
        self._requests, self._documents, self._withheld = {}, {}, ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if self._withheld and path.endswith(self._withheld):
            self.captured.append(request.content)
            raise httpx.ConnectError("nothing goes through")
        for ending, members in self._requests.items():
            if path.endswith(ending):
                content = tamper(request.content.decode(), **members).encode()
                headers = {"Content-Type": request.headers["Content-Type"]}
                request = httpx.Request("POST", request.url, headers=headers, content=content)
        response = self._inner.handle_request(request)
        if not self._documents or not path.endswith("/pending"):
            return response
        told = json.loads(response.read())
        told["challenges"] = [tamper(text, **self._documents) for text in told["challenges"]]
        return httpx.Response(response.status_code, json=told)
