"""Every address of the workstation, taken from its map: what is not one's own is not there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from relying_services.billing.store.tables import TABLES
from relying_services.service.app import service_of
from tests.relying_services.billing.cards import activity
from tests.relying_services.billing.surgery import OTHER, Surgery, error_of
from tests.relying_services.every_service import OF_THE_KIT, without_chance
from tests.relying_services.signed_in import post

OPEN = {"billing.help_page"}
"""Besides those of the kit (SV-14)."""
TOLD_APART = {"billing.activation", "billing.activate"}
"""Who comes with a good card is told that it was prepared for somebody else (SV-07)."""
ACTS = ["suspend", "resume", "deactivate", "purge"]


@dataclass(frozen=True)
class Address:
    endpoint: str
    path: str
    method: str
    has_identifier: bool

    def ask(self, browser: FlaskClient) -> TestResponse:
        if self.method == "GET":
            return browser.get(self.path, buffered=True)
        return post(browser, self.path)


def addresses(surgery: Surgery, replacement: str, number: str) -> Iterator[Address]:
    """Each address and method; an argument that is not named here fails."""
    known = {"replacement_id": replacement, "number": number}
    adapter = surgery.app.url_map.bind("localhost")
    for rule in surgery.app.url_map.iter_rules():
        if rule.endpoint in OF_THE_KIT | OPEN:
            continue
        for method in sorted({"GET", "POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())):
            for act in ACTS if "act" in rule.arguments else [""]:
                values = {name: act if name == "act" else known[name] for name in rule.arguments}
                path = adapter.build(rule.endpoint, values, method=method)
                yield Address(rule.endpoint, path, method, bool(rule.arguments))


@pytest.fixture
def used(surgery: Surgery) -> tuple[str, FlaskClient]:
    """A session at work, with an invoice in a batch that was sent; and the substitute's browser."""
    name, browser = surgery.working()
    assert surgery.bill(browser, name).status_code == 302
    assert post(browser, "/batches", replacement=name, invoices=["1"]).status_code == 302
    assert post(browser, "/batches/1/send").status_code == 302
    return name, browser


def stranger(surgery: Surgery) -> FlaskClient:
    """A doctor of the same workstation, with a card in the reader that bills."""
    own = activity("A-own", number="971000016", convention="2", zone="40")
    card = surgery.card(
        national_id=OTHER, family_name="AUTRE", number="9700000003", activities=[own]
    )
    return surgery.sign_in(card)


def held(surgery: Surgery) -> list[Any]:
    """Every row of the workstation."""
    with service_of(surgery.app).store.read() as db:
        return [
            row
            for table in TABLES.metadata.sorted_tables
            for row in db.execute(text(f"SELECT * FROM {table.name}")).all()
        ]


def refused(surgery: Surgery, actor: str) -> list[str]:
    """Why somebody was refused, in order."""
    return [each.reason for each in surgery.traced() if each.actor == actor and each.reason]


def test_attack_what_is_another_doctors_is_as_if_it_did_not_exist(
    surgery: Surgery, used: tuple[str, FlaskClient]
) -> None:
    """SV-04, SV-08, SV-10: the same page for foreign and unknown; each guess is in the trace."""
    before, browser, asked = held(surgery), stranger(surgery), 0
    foreign = addresses(surgery, used[0], "1")
    unknown = addresses(surgery, "R-0000000000000000", "987654")
    for each, nothing in zip(foreign, unknown, strict=True):
        if not each.has_identifier:
            continue
        told, of_nothing = each.ask(browser), nothing.ask(browser)
        asked += 1
        if each.endpoint in TOLD_APART:
            codes = [error_of(told), error_of(of_nothing)]
            assert codes == ["another_substitute", "no_prepared_session"]
        else:
            assert (told.status_code, error_of(told)) == (404, "not_found"), each
            told_alike = without_chance(told).replace(each.path, nothing.path)
            assert told_alike == without_chance(of_nothing), each
        assert refused(surgery, OTHER)[-2:] == [error_of(told), error_of(of_nothing)], each
        assert "MARGELLE" not in told.text
    assert asked >= 20
    assert len(refused(surgery, OTHER)) == 2 * asked
    assert held(surgery) == before


def test_attack_the_substitute_reaches_no_page_of_the_replaced_doctor(
    surgery: Surgery, used: tuple[str, FlaskClient]
) -> None:
    """SV-11, SV-12: who may bill may neither suspend, close, purge nor prepare again."""
    before, asked = held(surgery), 0
    surgery.insert(surgery.substitute)
    for each in addresses(surgery, used[0], "1"):
        if each.has_identifier and each.path.startswith("/replacements/"):
            told = each.ask(used[1])
            assert (told.status_code, error_of(told)) == (404, "not_found"), each
            asked += 1
    assert asked >= 13
    assert held(surgery) == before


def test_attack_without_a_session_nothing_is_reached(
    surgery: Surgery, used: tuple[str, FlaskClient]
) -> None:
    """SV-01: the substitute's card is in the reader, open, and nobody is signed in."""
    before, asked = held(surgery), 0
    surgery.insert(surgery.substitute)
    nobody = surgery.app.test_client()
    for each in addresses(surgery, used[0], "1"):
        assert each.ask(nobody).location == "/login", each
        asked += 1
    assert asked >= 30
    assert held(surgery) == before


def test_attack_no_form_of_another_site_is_taken(
    surgery: Surgery, used: tuple[str, FlaskClient]
) -> None:
    """SV-02: in the doctor's browser, with the doctor's card in the reader."""
    before, browser, asked = held(surgery), surgery.sign_in(surgery.doctor), 0
    for each in addresses(surgery, used[0], "1"):
        if each.method == "POST":
            told = browser.post(each.path, data={"csrf": "of-another-browser"})
            assert (told.status_code, error_of(told)) == (403, "form_forged"), each
            asked += 1
    assert asked >= 10
    assert held(surgery) == before


def test_what_is_ones_own_is_reached(surgery: Surgery, used: tuple[str, FlaskClient]) -> None:
    """What is refused above is refused for whose it is: pages open, or tell the state."""
    name, substitute = used
    doctor = surgery.sign_in(surgery.doctor)
    reached = set()
    for each in addresses(surgery, name, "1"):
        if not each.has_identifier or each.method != "GET":
            continue
        is_substitutes = each.path.startswith(("/activation", "/invoices", "/batches"))
        surgery.insert(surgery.substitute if is_substitutes else surgery.doctor)
        told = each.ask(substitute if is_substitutes else doctor)
        assert told.status_code in {200, 409}, each
        reached.add(told.status_code)
    assert reached == {200, 409}
