"""Signing in to a service, against a real provider, and what the service keeps of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.sessions import live_sessions_of
from relying_services.service.store.trace import entries
from tests.relying_services.service.plain import ORIGIN, plain_service, plain_settings
from wallet_sim.harness.people import Person
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(psc: Psc, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    client = psc.client(
        "plain",
        redirect_uris=[f"{ORIGIN}/callback"],
        backchannel_logout_uri=f"{ORIGIN}/backchannel-logout",
        post_logout_redirect_uris=[f"{ORIGIN}/signed-out"],
    )
    app = plain_service(plain_settings(psc.issuer, client.client_secret, tmp_path), clock)
    yield app
    service_of(app).store.close()


@pytest.fixture
def person(psc: Psc) -> Person:
    made = psc.person(family_name="DUPONT")
    psc.phone(made)
    return made


def test_a_sign_in_leads_back_to_where_the_person_was(
    psc: Psc, service: Flask, person: Person, clock: Clock
) -> None:
    """MA-07: the place is kept, after the first sign-in as after a cut."""
    browser = service.test_client()
    assert browser.get("/elsewhere").location == "/login"
    login = psc.login(browser, person)
    assert login.url.endswith("/elsewhere")
    assert person.national_id in login.text
    policy = browser.get("/elsewhere").headers["Content-Security-Policy"]
    assert policy.endswith(f"; form-action 'self' {psc.issuer.partition('/r/')[0]}")
    clock.move(timedelta(hours=2))
    cut = browser.get("/elsewhere", follow_redirects=True)
    assert cut.status_code == 401
    assert "Votre session a expiré" in cut.text
    # The provider did not move, as if its session had been used elsewhere meanwhile.
    clock.move(-timedelta(hours=2))
    again = psc.login(browser, person, browser=login.browser)
    assert again.url.endswith("/elsewhere")
    with service_of(service).store.read() as db:
        done = [(each.action, each.outcome) for each in entries(db)]
    assert done == [("session:opened", "done"), ("session:cut", "done"), ("session:opened", "done")]


def test_after_a_cut_nothing_is_typed_while_the_providers_session_lives(
    psc: Psc, service: Flask, person: Person, clock: Clock
) -> None:
    """MA-08: no identifier, no telephone, no form: the browser is sent there and back."""
    browser = service.test_client()
    first = psc.login(browser, person)
    clock.move(timedelta(hours=2))
    assert browser.get("/elsewhere").location == "/cut"
    # The provider did not move, as if its session had been used elsewhere meanwhile.
    clock.move(-timedelta(hours=2))
    before = len(first.steps)
    again = psc.login(browser, person, browser=first.browser)
    steps = [each for each in again.steps if each not in first.steps[:before]]
    assert again.url.endswith("/elsewhere")
    assert {each.method for each in steps} == {"GET"}
    assert not [each.page for each in steps if each.page.startswith("signin/")]


def test_a_card_signs_in_and_a_phone_session_is_stepped_up_to_it(
    psc: Psc, service: Flask, clock: Clock
) -> None:
    """EP-16, decision 7: the service learns the means of this authentication."""
    holder = psc.person(card=True)
    psc.phone(holder)
    psc.card(holder)
    browser = service.test_client()
    by_phone = psc.login(browser, holder)
    by_card = psc.login(
        browser, holder, at="/login?means=CARD", means="card", browser=by_phone.browser
    )
    assert by_card.ok, by_card.text
    with service_of(service).store.read() as db:
        opened = [each.means for each in entries(db, actor=holder.national_id)]
        assert opened == ["CARD", "MOBILE"]
        alive = live_sessions_of(db, holder.national_id, clock.now())
    assert [each.means for each in alive] == ["CARD"]


def test_attack_userinfo_of_another_signs_nobody_in(
    psc: Psc, service: Flask, person: Person
) -> None:
    """OpenID Connect Core 5.3.2: its `sub` is not that of the ID token."""
    psc.faults.add("userinfo_wrong_sub", client="plain", times=1)
    login = psc.login(service.test_client(), person)
    assert (login.status, "invalid_token" in login.text) == (400, True)
    with service_of(service).store.read() as db:
        assert entries(db) == []


def test_attack_a_means_that_the_service_does_not_take_opens_nothing(
    psc: Psc, tmp_path: Path, clock: Clock, service: Flask, person: Person
) -> None:
    """EP-16: held to by the service itself, whatever the provider let through; and traced."""
    secret = service_of(service).settings.client_secret
    narrow = plain_service(
        plain_settings(psc.issuer, secret, tmp_path, means=frozenset({"CARD", "WEBAUTHN"})), clock
    )
    browser = narrow.test_client()
    login = psc.login(browser, person)
    assert (login.status, "means_refused" in login.text) == (403, True)
    assert browser.get("/elsewhere").status_code == 302
    assert browser.get("/login?means=MOBILE").status_code == 403
    with service_of(narrow).store.read() as db:
        [entry] = entries(db)
    assert (entry.outcome, entry.reason) == ("refused", "means_refused")
    service_of(narrow).store.close()


@pytest.mark.parametrize(
    "address", ["/callback", "/callback?code=x&state=y", "/signed-out?state=z"]
)
def test_attack_an_answer_to_no_question_signs_nobody_in(service: Flask, address: str) -> None:
    """RFC 9700, 4.7: a code of another browser."""
    browser = service.test_client()
    assert browser.get(address).status_code == 400
    assert browser.get("/elsewhere").status_code == 302
