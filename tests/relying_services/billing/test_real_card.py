"""Real cards of a real provider, from the chain to the signature: what the rest imitates."""

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from requests.adapters import BaseAdapter
from werkzeug.test import TestResponse

from relying_services.billing import BillingSettings, create_app
from relying_services.billing.__main__ import main
from relying_services.clock import Clock
from relying_services.service.app import service_of
from tests.relying_services.billing.surgery import answer, error_of
from tests.relying_services.signed_in import post
from wallet_sim.harness.cards import HeldCard
from wallet_sim.harness.people import Person
from wallet_sim.harness.psc import Psc

ORIGIN, READER = "http://localhost:8091", "http://reader.test"


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


class Shelf(BaseAdapter):
    """The reader's control addresses, answered by whichever held card is at it."""

    def __init__(self) -> None:
        super().__init__()
        self.held: HeldCard | None = None

    def send(
        self, request: requests.PreparedRequest, *_given: Any, **_more: Any
    ) -> requests.Response:
        assert self.held is not None
        told: dict[str, Any]
        if request.method == "GET":
            told = self.held.content()
        else:
            assert isinstance(request.body, bytes)
            content = base64.b64decode(json.loads(request.body)["content"])
            told = {"signed": self.held.sign(content)}
        return answer(200, json.dumps(told).encode())

    def close(self) -> None:
        pass


@pytest.fixture
def trust(psc: Psc, tmp_path: Path) -> Path:
    file = tmp_path / "persons.crt"
    file.write_bytes(requests.get(f"{psc.base_url}/pki/persons.crt", timeout=10).content)
    return file


@pytest.fixture
def workstation(psc: Psc, tmp_path: Path, trust: Path, clock: Clock) -> Iterator[Flask]:
    client = psc.client("billing", redirect_uris=[f"{ORIGIN}/callback"])
    app = create_app(
        BillingSettings(
            issuer=psc.issuer,
            client_id="billing",
            client_secret=client.client_secret or "",
            base_url=ORIGIN,
            database_url=f"sqlite:///{tmp_path / 'billing.db'}",
            reader_url=READER,
            reader_secret="secret",
            authority_file=str(trust),
            list_url=f"{psc.base_url}/pki/persons.crl",
        ),
        clock,
    )
    yield app
    service_of(app).store.close()


def card_of(psc: Psc, name: str, **details: str) -> HeldCard:
    """A doctor whose practice went through Order, CPAM and ANS, and whose card carries it."""
    person = psc.person(family_name=name, card=True)
    practise(psc, person, **details)
    return psc.card(person)


def practise(psc: Psc, person: Person, **details: str) -> bool:
    """One more practice of a doctor; whether a card was ordered for it."""
    practice = {"codeModeExercice": "L", "codeDepartement": "75", **details}
    asked = {"national_id": person.national_id, "profession": "10C", "details": practice}
    declared = psc.provider.ask("POST", "order/activities", asked)["activity_id"]
    psc.provider.ask("POST", f"cpam/activities/{declared}")
    carried = psc.provider.ask("POST", f"ans/activities/{declared}")
    return bool(carried["is_new_card"])


def enter(psc: Psc, workstation: Flask, shelf: Shelf, card: HeldCard) -> FlaskClient:
    """Sign in by card, choose the practice, and put the card in the reader beside."""
    browser = workstation.test_client()
    psc.login(browser, card.person, means="card")
    assert post(browser, "/activity", activity="1").status_code == 302
    shelf.held = card
    return browser


def values(page: TestResponse, name: str) -> list[str]:
    """What a form offers under a name."""
    found = re.findall(rf'name="{name}" type="\w+" value="([^"]+)"', page.text)
    assert found, page.text
    return [str(each) for each in found]


def test_a_replacement_with_real_cards_and_real_sign_ins(
    psc: Psc, workstation: Flask, trust: Path, tmp_path: Path, clock: Clock
) -> None:
    """SV-01 to SV-10, CP-14, CP-15: sign-in, chip, list and signatures are the real ones."""
    shelf = Shelf()
    service_of(workstation).more["desk"].http.mount(READER, shelf)
    doctor = card_of(psc, "MARGELLE", raisonSocialeSite="CABINET MARGELLE")
    substitute = card_of(psc, "ALTERNE", codeGenreActivite="GENR02")
    browser = enter(psc, workstation, shelf, doctor)
    situations = values(browser.get("/replacements/new"), "situations")
    assert len(situations) == 1
    went = post(
        browser,
        "/replacements/new",
        substitute=substitute.person.national_id,
        name="ALTERNE",
        kind="one_off",
        mailbox="granted",
        situations=situations,
    )
    assert went.status_code == 302, went.text

    browser = enter(psc, workstation, shelf, substitute)
    address = str(browser.get("/activation").location)
    salaried, liberal = values(browser.get(address), "presented")
    refused = post(browser, address, presented=salaried, replaced=situations[0])
    assert error_of(refused) == "situation_differs"
    assert "« salarié (S) » sur votre carte, « libéral (L) » mémorisée" in refused.text
    went = post(browser, address, presented=liberal, replaced=situations[0])
    assert went.status_code == 302, went.text
    name = address.rpartition("/")[2]
    form = {"replacement": name, "patient": "Nadia FICTIVE", "act_G": "1"}
    assert post(browser, "/invoices/new", **form).location == "/invoices/1"
    assert "30,00 €" in browser.get("/invoices/1").text
    assert post(browser, "/batches", replacement=name, invoices=["1"]).status_code == 302
    batch = tmp_path / "LOT-000001.json"
    for ending in ("", ".sig.json"):
        kept = batch.with_name(batch.name + ending)
        kept.write_bytes(browser.get(f"/batches/1/LOT.json{ending}").data)
    ran = CliRunner().invoke(main, ["verify", str(batch), "--trust", str(trust)])
    assert ran.exit_code == 0, ran.output
    assert f"signed by {substitute.person.national_id}" in ran.output

    opposition = {"reason": "perte"}
    psc.provider.ask("POST", f"ans/cards/{substitute.number}/opposition", opposition)
    clock.move(timedelta(minutes=1))
    assert error_of(post(browser, "/invoices/new", **form)) == "card_opposed"


def test_a_second_card_serves_from_its_activation_on(
    psc: Psc, workstation: Flask, clock: Clock
) -> None:
    """SV-07, CP-07, CP-09: the holder's other card is in use, this one opens and is on hold."""
    shelf = Shelf()
    service_of(workstation).more["desk"].http.mount(READER, shelf)
    first = card_of(psc, "DEUXCARTES")
    browser = enter(psc, workstation, shelf, first)
    others = (f"CABINET {number}" for number in range(10))
    assert any(practise(psc, first.person, raisonSocialeSite=other) for other in others)
    shelf.held = second = psc.cards.receive(first.person)
    assert error_of(browser.get("/replacements/new")) == "card_not_activated"
    second.activate()
    clock.move(BillingSettings.list_hold_kept)
    assert len(values(browser.get("/replacements/new"), "situations")) == 1
