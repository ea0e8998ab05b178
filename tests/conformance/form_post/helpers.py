"""A relying service that is answered by a form, and the browser and phone of a person.

The form is read as a browser reads it: its address, its method, its hidden fields, and the button
for people without JavaScript.
"""

import secrets
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.signin.sessions import SESSION_COOKIE
from tests.oauth.helpers import REDIRECT, Service, open_session
from tests.signin.helpers import authorize, begin, newest_challenge, post, start, token_in
from tests.wallet.helpers import PIN
from wallet_sim.phone import Phone

FORM_POST = "form_post"
SCRIPT = "/static/form-post.js"


class Form(HTMLParser):
    """The one form of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = self.method = ""
        self.hidden: dict[str, str] = {}
        self.submits_itself = self.has_button = False
        self.forms = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms += 1
            self.action, self.method = given["action"], given["method"]
        elif tag == "input" and given.get("type") == "hidden":
            assert given["name"] not in self.hidden
            self.hidden[given["name"]] = given["value"]
        elif tag == "button" and self.forms:
            self.has_button |= given["type"] == "submit"
        elif tag == "script":
            self.submits_itself |= given.get("src", "").partition("?")[0] == SCRIPT


def told(answer: TestResponse, address: str = REDIRECT) -> dict[str, str]:
    """What the page's form posts to the service (OAuth 2.0 Form Post Response Mode, 2)."""
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), answer.text
    assert "Location" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    form = Form(answer.text)
    assert (form.forms, form.method.lower(), form.action) == (1, "post", address)
    assert form.has_button
    assert form.submits_itself
    return form.hidden


@dataclass
class Person:
    """Somebody with a browser and a phone, whom services ask to be answered by a form."""

    browser: FlaskClient
    phone: Phone
    provider: Provider

    def sign_in(self, **asked: str) -> TestResponse:
        page = begin(self.browser, response_mode=FORM_POST, **asked)
        start(self.browser, page)
        self.phone.approve(PIN, str(newest_challenge(self.provider).number))
        return self.browser.get(f"{page}/finish")


@dataclass
class SignedIn:
    """A browser in which somebody signed in before, where that is not the point."""

    browser: FlaskClient
    provider: Provider

    def __post_init__(self) -> None:
        secret = secrets.token_urlsafe(32)
        session = open_session(self.provider)
        with self.provider.store.begin() as db:
            db.merge(session).cookie_hash = sha256(secret)
        self.browser.set_cookie(SESSION_COOKIE, secret, domain="localhost")
        self.sid = session.sid

    def ask(self, **asked: str) -> TestResponse:
        """The answer to a request, once the service was let in."""
        return self.agree(authorize(self.browser, response_mode=FORM_POST, **asked))

    def agree(self, answer: TestResponse) -> TestResponse:
        """Say yes on the page of single sign-on, where it is shown."""
        if answer.status_code != 303:
            return answer
        page: str = answer.headers["Location"]
        assert token_in(self.browser.get(page))
        return post(self.browser, page, "/confirm", sid=self.sid, answer="confirm")


def tokens(service: Service, members: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = service.exchange(members["code"], **changes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def id_token(service: Service, members: dict[str, str], **changes: Any) -> dict[str, Any]:
    return service.claims(tokens(service, members, **changes)["id_token"])
