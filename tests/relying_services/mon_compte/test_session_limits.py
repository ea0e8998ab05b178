"""Signed in to the account by a real card: cut after two hours, and nothing retyped (MA-07, 08)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.mon_compte import MonCompteSettings, create_app
from relying_services.mon_compte.letters import DAYS, send_letter
from relying_services.service.app import service_of
from relying_services.service.settings import LIMITS
from tests.relying_services.mon_compte.passwords import CHEAP, EMAIL, create, messages
from tests.relying_services.mon_compte.rows import practice, today, write
from tests.relying_services.registered import registered
from wallet_sim.harness.people import Person
from wallet_sim.harness.psc import Psc

NUMBER = "991234567"


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture
def holder(psc: Psc) -> Person:
    made = psc.person(family_name="MARGELLE", card=True)
    psc.card(made)
    return made


@pytest.fixture
def account(psc: Psc, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    app = create_app(
        MonCompteSettings(
            **registered(psc, "mon_compte"),
            database_url=f"sqlite:///{tmp_path / 'account.db'}",
            limits=LIMITS["2007"],
            password_access=True,
            password_cost=CHEAP,
        ),
        clock,
    )
    yield app
    service_of(app).store.close()


def with_password(app: Flask, owner: str) -> None:
    """The access of 2007, opened by a letter."""
    service = service_of(app)
    write(
        app,
        "account",
        owner=owner,
        family_name="MARGELLE",
        given_name="Solène",
        specialty="SM54",
        cpam="CPAM fictive",
        opened_on=today(app),
    )
    practice(app, NUMBER, owner)
    with service.store.begin() as db:
        send_letter(db, service.clock.now(), owner, days=DAYS, base_url="")
    code = messages(app)[-1].text.split("code confidentiel : ")[1].split()[0]
    assert create(app.test_client(), code).status_code == 200


def test_after_the_cut_of_two_hours_a_card_types_nothing_again(
    psc: Psc, account: Flask, holder: Person, clock: Clock
) -> None:
    """MA-07, MA-08; domain 6: the place is kept, the provider's session lives; a mail each time."""
    with_password(account, holder.national_id)
    browser = account.test_client()
    assert browser.get("/paiements?tri=date").location == "/acces"
    first = psc.login(browser, holder, means="card")
    assert first.url.endswith("/paiements?tri=date")
    clock.move(timedelta(hours=2))
    assert browser.get("/activite").location == "/cut"
    # The provider did not move, as if its session had been used elsewhere meanwhile.
    clock.move(-timedelta(hours=2))
    again = psc.login(browser, holder, browser=first.browser)
    steps = [each for each in again.steps if each not in first.steps]
    assert again.url.endswith("/activite")
    assert {each.method for each in steps} == {"GET"}
    told = [each for each in messages(account) if each.recipient == EMAIL]
    assert ["avec votre carte" in each.text for each in told] == [True, True]
