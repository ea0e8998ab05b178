"""Signing in to a service, against a real provider, and what the service keeps of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.service.app import service_of
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
    clock.move(timedelta(hours=2))
    cut = browser.get("/elsewhere", follow_redirects=True)
    assert cut.status_code == 401
    assert "Votre session a expiré" in cut.text
    again = psc.login(browser, person, browser=login.browser)
    assert again.url.endswith("/elsewhere")
    with service_of(service).store.read() as db:
        done = [(each.action, each.outcome) for each in entries(db)]
    assert done == [("session:opened", "done"), ("session:cut", "done"), ("session:opened", "done")]
