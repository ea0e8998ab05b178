"""Numbers that decide the outcome: the table is held to what really happens."""

import json
from pathlib import Path

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.directory.identifiers import parse_national_id
from idp.directory.people import find_person
from idp.provider import Provider
from tests.conftest import provider_of
from tests.signin.helpers import add_client, begin, returned, start
from tests.wallet.helpers import advance
from wallet_sim.behaviours.activation import CannotActivate, activate
from wallet_sim.behaviours.identities import (
    DEFAULT_PIN,
    IDENTITIES,
    IdentityUnknown,
    Provided,
    find_identity,
    provide_identities,
)
from wallet_sim.behaviours.pool import PhonePool
from wallet_sim.behaviours.tables import identities_json
from wallet_sim.dev_provider import DevProvider
from wallet_sim.phone import Phone

CAME_OF_IT = {
    "ACCORD": ("approved", "approved"),
    "REFUS": ("refused", "refused"),
    "PASMOI": ("not_me", "not_me"),
    "SILENCE": ("ignored", "expired"),
    "LENTEUR": ("approved", "approved"),
    "DISTRAIT": ("approved", "approved"),
    "OUBLI": ("wrong_pin", "refused"),
    "MEPRISE": ("wrong_number", "wrong_number"),
    "RETARD": ("challenge_closed", "expired"),
    "DEBRIDE": ("posture_refused", "expired"),
    "NOUVELLESIM": ("posture_refused", "expired"),
    "HORSRESEAU": ("no_answer", "expired"),
    "DOUBLE": ("approved", "approved"),
    "ECHO": ("approved", "approved"),
    "COUPURE": ("approved", "approved"),
    "ALTERE": ("not_recognised", "expired"),
    "COPIE": ("clone_suspected", "cancelled"),
    "SAUVEGARDE": ("clone_suspected", "cancelled"),
    "SANSECPS": ("", "expired"),
    "RESILIE": ("", "expired"),
    "CARTE": ("", "expired"),
    "RETRAITE": ("", "expired"),
    "PERSONNE": ("", "expired"),
}
"""By family name: what the phone made of a sign-in, and what the waiting page says in the end."""


SEES = {"approved": "tokens", "expired": "unanswered"}
"""What the service sees, by what the page says; `refused` for every other."""


class World:
    """A provider in this process, and the phones of its table."""

    def __init__(self, app: Flask, dev: DevProvider, homes: Path) -> None:
        self.app = app
        self.dev = dev
        self.homes = homes
        self.pool = PhonePool()
        add_client(provider_of(app))

    @property
    def provider(self) -> Provider:
        return provider_of(self.app)

    def switch_on(self, home: Path) -> Phone:
        transport = httpx.WSGITransport(app=self.app)
        return Phone(home, transport=transport, clock=self.provider.clock)

    def provide(self, *only: str) -> list[Provided]:
        return provide_identities(
            self.dev, self.pool, self.homes, only=only or None, switch_on=self.switch_on
        )

    def sign_in(self, provided: Provided) -> tuple[str, str, FlaskClient, str]:
        """What the phone did, and what the browser is told once nothing more can come."""
        browser = self.app.test_client()
        page = begin(browser)
        start(browser, page, provided.identity.national_id)
        acted = ""
        if provided.phone is not None:
            done = provided.phone.react()
            if due := provided.phone.next_due():
                advance(self.provider, due - self.provider.clock.now().timestamp())
                done = provided.phone.react()
            acted = done[-1].outcome
        if browser.get(f"{page}/status").json == {"state": "pending"}:
            advance(self.provider, 60)
        state = browser.get(f"{page}/status").json
        assert state is not None
        return acted, str(state["state"]), browser, page


@pytest.fixture
def world(app: Flask, dev: DevProvider, tmp_path: Path) -> World:
    return World(app, dev, tmp_path / "homes")


def test_a_number_that_is_not_in_the_table_is_refused(world: World) -> None:
    with pytest.raises(IdentityUnknown, match="899700990015 is no number of the table"):
        world.provide("899700990015")


def test_every_number_is_well_formed_and_nobodys(provider: Provider) -> None:
    """EC-30; the sample's people and those who are drawn have other numbers."""
    numbers = [identity.national_id for identity in IDENTITIES]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert parse_national_id(number) == number
        # Below what the Order draws, whose sequences begin at 9 000 000.
        assert 1 <= int(number[4:11]) - 8_800_000 < 100_000
    with provider.store.read() as db:
        assert [find_person(db, number) for number in numbers] == [None] * len(numbers)


def test_each_number_decides_the_outcome(world: World) -> None:
    """As the demo of Smart-ID: whoever types the number gets what its row says."""
    came = {}
    for provided in world.provide():
        acted, told, browser, page = world.sign_in(provided)
        came[provided.identity.family_name] = (acted, told)
        assert provided.identity.service == SEES.get(told, "refused")
        if told == "approved":
            assert returned(browser.get(f"{page}/finish"))["code"]
    assert came == CAME_OF_IT


def test_a_row_holds_for_every_sign_in_and_not_for_the_first_alone(world: World) -> None:
    (provided,) = world.provide(IDENTITIES[5].national_id)
    for _ in range(3):
        assert world.sign_in(provided)[:2] == ("approved", "approved")


def test_providing_again_makes_the_table_as_new(world: World) -> None:
    number = next(each.national_id for each in IDENTITIES if each.family_name == "COPIE")
    (first,) = world.provide(number)
    assert world.sign_in(first)[0] == "clone_suspected"
    (second,) = world.provide(number)
    assert world.pool[number] is second.phone
    assert world.sign_in(second)[0] == "clone_suspected"
    devices = world.dev.ask("GET", f"people/{number}/devices")["devices"]
    assert [each["state"] for each in devices] == ["suspended", "suspended"]


def test_who_has_no_e_cps_is_in_the_directory_all_the_same(world: World) -> None:
    by_name = {each.family_name: each.national_id for each in IDENTITIES}
    chosen = [by_name[name] for name in ("SANSECPS", "RETRAITE", "CARTE", "RESILIE", "PERSONNE")]
    world.provide(*chosen)
    world.provide(*chosen)
    people = world.dev.ask("GET", "people", text="8997880")["people"]
    told = {each["family_name"]: each["closed"] for each in people}
    assert told == {"SANSECPS": False, "RESILIE": False, "CARTE": False, "RETRAITE": True}
    cards = world.dev.ask("GET", "ans/cards", national_id=by_name["CARTE"])["cards"]
    assert len(cards) == 1


def test_somebody_closed_activates_nothing_and_the_true_reason_is_told(world: World) -> None:
    """Decision 17: the development addresses tell what the phone is never told."""
    number = IDENTITIES[0].national_id
    world.provide(number)
    world.dev.ask("DELETE", f"people/{number}")
    with pytest.raises(CannotActivate) as refused:
        world.provide(number)
    assert refused.value.reason in str(refused.value)
    assert number in str(refused.value)


def test_an_activation_by_hand_is_the_real_one(world: World, tmp_path: Path) -> None:
    number = IDENTITIES[-5].national_id
    world.provide(number)
    phone = world.switch_on(tmp_path / "by-hand")
    activated = activate(phone, world.dev, number, "2580", name="Téléphone de garde")
    (device,) = world.dev.ask("GET", f"people/{number}/devices")["devices"]
    assert device["device_id"] == activated.device_id
    assert device["name"] == "Téléphone de garde"
    assert len(activated.revocation_code) == 17


def test_the_table_is_told_to_programs() -> None:
    told = json.loads(json.dumps(identities_json()))
    assert [each["national_id"] for each in told] == [each.national_id for each in IDENTITIES]
    assert find_identity(told[0]["national_id"]).behaviour is not None
    assert DEFAULT_PIN not in json.dumps(told)
