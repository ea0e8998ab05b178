"""An account that takes passwords, and what people type there."""

import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.mon_compte.letters import DAYS, send_letter
from relying_services.service.app import service_of
from relying_services.service.store.messages import messages_after
from relying_services.service.store.models import MessageRow
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import OWNER, practice, today, write
from tests.relying_services.signed_in import post

NUMBER = "991234567"
EMAIL = "solene.margelle@exemple.test"
PASSWORD = "quatre mots sans lien"
NEXT = "cinq autres mots sans lien"
CHEAP = "scrypt:256:8:1"
"""Passwords of tests are not worth a slow hash."""


def with_passwords(made: Made, url: str, **settings: object) -> Flask:
    """An account with the access of 2007, and a practitioner of the fund."""
    app = made(url, password_access=True, password_cost=CHEAP, **settings)
    write(
        app,
        "account",
        owner=OWNER,
        family_name="MARGELLE",
        given_name="Solène",
        specialty="SM54",
        cpam="CPAM fictive",
        opened_on=today(app),
    )
    practice(app, NUMBER)
    return app


def messages(app: Flask) -> list[MessageRow]:
    with service_of(app).store.read() as db:
        return messages_after(db)


def a_letter(app: Flask, account: str = OWNER) -> str:
    """The code of a new letter, as it is printed in it."""
    service = service_of(app)
    with service.store.begin() as db:
        send_letter(db, service.clock.now(), account, days=DAYS, base_url=service.settings.base_url)
    found = re.search(r"code confidentiel : (\S+)", messages(app)[-1].text)
    assert found
    return found[1]


def create(browser: FlaskClient, code: str, **fields: str) -> TestResponse:
    """Open an access with a code."""
    given = {"login": NUMBER, "email": EMAIL, "password": PASSWORD, "again": PASSWORD}
    if "password" in fields:
        given["again"] = fields["password"]
    return post(browser, "/acces/creation", **(given | {"code": code} | fields))


def enter(browser: FlaskClient, password: str = PASSWORD, login: str = NUMBER) -> TestResponse:
    """Sign in by login and password."""
    return post(browser, "/acces", login=login, password=password)


def change(
    browser: FlaskClient, new: str = NEXT, current: str = PASSWORD, **fields: str
) -> TestResponse:
    """Change the password."""
    given = {"login": NUMBER, "current": current, "password": new, "again": new}
    return post(browser, "/acces/mot-de-passe", **(given | fields))


def is_in(answer: TestResponse) -> bool:
    """Whether a form let the browser in."""
    return answer.status_code == 302
