"""Guessing passwords is slowed down, and no stranger locks a person out (decision 24)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from relying_services.clock import Clock
from relying_services.mon_compte.passwords import Passwords
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.passwords import (
    NUMBER,
    PASSWORD,
    a_letter,
    create,
    enter,
    is_in,
    with_passwords,
)
from tests.relying_services.signed_in import post, sign_in

WRONG = "un mot de passe deviné"
STRANGER = "203.0.113.7"
TRIES = {"tries_login": 3, "tries_address": 5, "tries_browser": 3}


@pytest.fixture
def app(made: Made, service_url: str) -> Flask:
    return opened(made, service_url)


@pytest.fixture
def either(made: Made, either_url: str) -> Flask:
    return opened(made, either_url)


def opened(made: Made, url: str) -> Flask:
    app = with_passwords(made, url, **TRIES)
    create(app.test_client(), a_letter(app))
    return app


def guess(app: Flask, login: str = NUMBER, password: str = WRONG, *, at: str) -> TestResponse:
    """Somebody elsewhere tries a password, with a browser that nobody has seen."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = at
    return enter(browser, password, login)


def exhaust(app: Flask, login: str = NUMBER) -> None:
    for each in range(TRIES["tries_login"] + 1):
        guess(app, login, at=f"198.51.100.{each}")


def owner(app: Flask) -> FlaskClient:
    """A browser in which the owner has signed in before."""
    browser = app.test_client()
    assert is_in(enter(browser))
    post(browser, "/logout")
    return browser


def test_attack_guessing_one_login_from_many_addresses_ends_soon(either: Flask) -> None:
    """MA-01: the right password is not looked at either, so that it cannot be found so."""
    exhaust(either)
    page = guess(either, password=PASSWORD, at="198.51.100.99")
    assert page.status_code == 429
    assert "too_many_tries" in page.text


def test_attack_a_guesser_on_ipv4_does_not_lock_all_of_ipv4_out(app: Flask) -> None:
    """Decision 24: where the service listens for both versions of the protocol."""
    for each in range(TRIES["tries_address"] + 1):
        guess(app, f"99000000{each}", at=f"::ffff:{STRANGER}")
    assert guess(app, at=f"::ffff:{STRANGER}").status_code == 429
    assert is_in(guess(app, password=PASSWORD, at="::ffff:198.51.100.1"))
    assert guess(app, at=STRANGER).status_code == 429


def test_attack_guessing_many_logins_from_one_address_ends_soon(app: Flask) -> None:
    """MA-01: one password for every login; an IPv6 network is one address."""
    for each in range(TRIES["tries_address"]):
        answer = guess(app, f"99000000{each}", at=f"2001:db8::{each + 1}")
        assert answer.status_code == 400
    assert guess(app, at="2001:db8::ffff").status_code == 429
    assert guess(app, at="2001:db8:0:1::1").status_code == 400


def test_a_login_that_nobody_has_is_limited_alike(app: Flask) -> None:
    """MA-01: the limit does not tell which logins there are."""
    nobody = [guess(app, "990000009", at=f"198.51.100.{each}").status_code for each in range(5)]
    somebody = [guess(app, at=f"198.51.101.{each}").status_code for each in range(5)]
    assert nobody == somebody == [400, 400, 400, 429, 429]


def test_attack_a_stranger_does_not_lock_the_owner_out(app: Flask) -> None:
    """MA-01, decision 24: their browser, their card and a new letter need no stranger's budget."""
    known = owner(app)
    exhaust(app)
    assert guess(app, at=STRANGER).status_code == 429
    assert is_in(enter(known))
    assert sign_in(app, "899700990015").get("/").status_code == 200
    assert (
        create(app.test_client(), a_letter(app), password="un mot de passe neuf").status_code == 200
    )


def test_attack_the_neighbours_of_a_guesser_are_not_locked_out(app: Flask) -> None:
    """Decision 24: a hospital behind one address."""
    known = owner(app)
    for each in range(TRIES["tries_address"] + 2):
        guess(app, f"99000000{each}", at="127.0.0.1")
    assert enter(app.test_client()).status_code == 429
    assert is_in(enter(known))


def test_attack_a_stolen_browser_has_few_tries(app: Flask) -> None:
    """MA-01: a known browser has a budget, not a licence."""
    known = owner(app)
    answers = [enter(known, WRONG).status_code for _each in range(TRIES["tries_browser"] + 1)]
    assert answers == [400, 400, 400, 429]
    assert enter(known).status_code == 429


def test_attack_a_browser_known_for_one_login_is_not_for_another(app: Flask) -> None:
    """MA-01: who has an access of their own does not guess others' more often."""
    known = owner(app)
    exhaust(app, "990000008")
    assert enter(known, WRONG, "990000008").status_code == 429


def test_attack_a_right_password_does_not_give_others_tries_back(app: Flask) -> None:
    """MA-01: somebody with an access of their own cannot go on guessing between two sign-ins."""
    for each in range(TRIES["tries_address"]):
        assert guess(app, f"99000000{each}", at=STRANGER).status_code == 400
        if each < 2:
            assert is_in(guess(app, password=PASSWORD, at=STRANGER))
    assert guess(app, "990000007", at=STRANGER).status_code == 429


def test_the_window_passes(either: Flask, clock: Clock) -> None:
    """MA-01: a quarter of an hour, as the page says."""
    exhaust(either)
    clock.move(timedelta(minutes=15, seconds=1))
    assert is_in(guess(either, password=PASSWORD, at=STRANGER))


def test_codes_are_limited_as_passwords_are(app: Flask) -> None:
    """MA-01: apart, so that guessed passwords do not void a letter."""
    code = a_letter(app)
    exhaust(app)
    for each in range(TRIES["tries_login"]):
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = f"198.51.102.{each}"
        assert create(browser, f"AAAA-BBBB-CCC{each + 2}").status_code == 400
    assert create(app.test_client(), code).status_code == 429


def test_an_unknown_login_costs_the_same_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision 41: as many statements and as many hashes, of the same cost."""
    hashes: list[str] = []
    matches = Passwords.matches

    def counted(self: Passwords, password: str, kept: str | None) -> bool:
        hashes.append((kept or self._of_nobody).split("$")[0])
        return matches(self, password, kept)

    monkeypatch.setattr(Passwords, "matches", counted)
    spent = []
    for login, at in (("990000009", "198.51.100.1"), (NUMBER, "198.51.100.2")):
        statements = statements_of(app, login, at)
        spent.append((statements, hashes.copy()))
        hashes.clear()
    assert spent[0] == spent[1]
    assert len(spent[0][1]) == 1


def statements_of(app: Flask, login: str, at: str) -> list[str]:
    said: list[str] = []
    engine = service_of(app).store.engine

    def hear(*given: object) -> None:
        said.append(str(given[2]).split("WHERE")[0])

    event.listen(engine, "before_cursor_execute", hear)
    guess(app, login, at=at)
    event.remove(engine, "before_cursor_execute", hear)
    return said


def test_what_is_typed_as_a_login_is_not_written_down(app: Flask) -> None:
    """MA-01: it may be a password, typed into the wrong field."""
    guess(app, PASSWORD, at=STRANGER)
    with service_of(app).store.read() as db:
        entry = entries(db, limit=1)[0]
    assert (entry.actor, entry.reason) == ("unknown", "secret_wrong")
    with service_of(app).store.engine.connect() as connection:
        for table in ("password_try", "service_trace"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows
            assert PASSWORD.replace(" ", "") not in str(rows)
            assert PASSWORD not in str(rows)
