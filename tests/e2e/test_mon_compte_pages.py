"""The account of a practitioner in a real browser: its five tabs, by keyboard and at 320 px."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from relying_services.clock import Clock
from relying_services.mon_compte import MonCompteSettings, create_app
from relying_services.mon_compte.invented import Holder, Volume
from relying_services.mon_compte.populate import populate
from relying_services.service.app import service_of
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service

PERSON = "899700990015"
HOLDER = Holder(PERSON, "MARGELLE", "Solène", ("991234564",))


@pytest.fixture
def account(tmp_path: Path, open_browser: Open) -> Iterator[ServicePlace]:
    with serving_service(_made(tmp_path), open_browser) as served:
        volume = Volume(months=2, invoices=4)
        store = service_of(served.app).store
        populate(store, Clock(), accounts=0, seed=1, volume=volume, people=[HOLDER])
        yield served


def _made(folder: Path) -> Flask:
    settings = MonCompteSettings(
        issuer="http://localhost:1",
        client_id="mon_compte",
        client_secret="a secret of this client",
        base_url="http://localhost:8010",
        database_url=f"sqlite:///{folder / 'mon_compte.db'}",
        espacepro_secret="asked by nobody here",
    )
    return create_app(settings)


def test_the_tabs_lead_to_what_they_name(account: ServicePlace) -> None:
    """MA-02, in the order in which they stand."""
    page, onlooker = account.open_as(PERSON)
    account.visit(page, "/")
    tabs = page.get_by_role("navigation", name="Onglets du compte").get_by_role("link")
    assert len(tabs.all()) == 5
    onlooker.check("compte-home")
    account.visit(page, "/informations")
    onlooker.check("compte-informations")
    account.visit(page, "/activite")
    onlooker.check("compte-activity")


def test_payments_are_followed_down_to_their_invoices(account: ServicePlace) -> None:
    """MA-03, MA-05."""
    page, onlooker = account.open_as(PERSON)
    account.visit(page, "/paiements")
    onlooker.check("compte-payments")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Versement n°")
    onlooker.check("compte-payment")
    account.visit(page, "/paiements/aide-teletransmission")
    onlooker.check("compte-aid")


def test_invoices_are_searched_and_sorted_without_a_script(account: ServicePlace) -> None:
    """MA-04: a sorted column says so; a search that finds nothing is told."""
    page, onlooker = account.open_as(PERSON)
    account.visit(page, "/paiements/tiers-payant")
    onlooker.check("compte-invoices")
    page.get_by_role("table").get_by_role("link", name="Patient").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Patient ▲")
    page.get_by_label("Patient").fill("zzzz")
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("status")).to_contain_text("Aucune facture ne correspond.")
    onlooker.check("compte-invoices-none")


def test_an_order_is_read_again_before_it_is_confirmed(account: ServicePlace) -> None:
    """MA-06, RGAA 11.12."""
    page, onlooker = account.open_as(PERSON)
    account.visit(page, "/imprimes")
    onlooker.check("compte-forms")
    page.locator("fieldset input[inputmode=numeric]").first.fill("2")
    page.get_by_role("button", name="Relire la commande").click()
    expect(page.get_by_role("button", name="Confirmer la commande")).to_be_visible()
    onlooker.check("compte-order")
    page.get_by_role("button", name="Confirmer la commande").click()
    expect(page.get_by_text("est confirmée").first).to_be_visible()


def test_a_question_is_kept_and_an_empty_one_is_told_beside_its_field(
    account: ServicePlace,
) -> None:
    page, onlooker = account.open_as(PERSON)
    account.visit(page, "/contact")
    onlooker.check("compte-contact")
    page.evaluate("document.querySelector('.card form').noValidate = true")
    page.get_by_role("button", name="Envoyer").click()
    expect(page).to_have_title("Erreur : Formulaire de contact – Mon compte")
    onlooker.check("compte-contact-error")
    page.get_by_label("Sujet").select_option(index=1)
    page.get_by_role("textbox", name="Message").fill("Un versement manque en octobre.")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Message n°")
    onlooker.check("compte-question")
