"""The console's pages of people, cards, phones and services, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.console import Console
from tests.e2e.demonstration import PERSON, running_demonstration

pytestmark = pytest.mark.slow
_CARD = "9700000001"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """With a service, and a phone that holds an e-CPS."""
    folder: Path = tmp_path_factory.mktemp("console-pages")
    with running_demonstration(folder, options=("--console",)) as running:
        yield Console(running.provider)


def send(page: Page) -> None:
    """The button of the page's own form."""
    page.locator("main form button.primary, main form button.danger").last.click()


def test_a_person_is_found_read_and_changed(console: Console, open_browser: Open) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.goto(f"{console.url}/personnes")
    page.get_by_label("Nom de famille ou identifiant").fill("x")
    page.get_by_role("button", name="Chercher").click()
    onlooker.check("console-people-search-error")
    page.get_by_label("Nom de famille ou identifiant").fill("8997")
    page.get_by_role("button", name="Chercher").click()
    onlooker.check("console-people-search")
    page.get_by_label("Nom de famille ou identifiant").fill(PERSON)
    page.get_by_role("button", name="Chercher").click()
    onlooker.check("console-person")
    page.goto(f"{console.url}/personnes/fiche/{PERSON}?lang=en")
    onlooker.check("console-person-english")
    page.goto(f"{console.url}/personnes/moyens/{PERSON}?lang=fr")
    onlooker.check("console-person-means")
    page.goto(f"{console.url}/personnes/services/{PERSON}?moyen=CARD")
    onlooker.check("console-person-claims")
    page.goto(f"{console.url}/personnes/evenements/{PERSON}")
    onlooker.check("console-person-history")
    page.goto(f"{console.url}/personnes/coordonnees/{PERSON}")
    onlooker.check("console-contacts")
    page.get_by_label("Téléphone mobile").fill("12")
    send(page)
    onlooker.check("console-contacts-error")
    page.goto(f"{console.url}/personnes/activites/nouvelle/{PERSON}")
    onlooker.check("console-activity-add")
    page.get_by_label("Raison sociale du lieu").fill("CABINET AJOUTE")
    page.get_by_label("Département").fill("75")
    send(page)
    onlooker.check("console-activity-added")
    page.get_by_role("link", name="Modifier CABINET AJOUTE").click()
    onlooker.check("console-activity-change")
    page.go_back()
    page.get_by_role("link", name="Mettre fin CABINET AJOUTE").click()
    onlooker.check("console-activity-end")
    page.goto(f"{console.url}/personnes/sessions/{PERSON}")
    onlooker.check("console-sessions-end")
    other = "899700990098"
    page.goto(f"{console.url}/personnes/radiation/{other}")
    send(page)
    onlooker.check("console-close-error")
    page.locator("label", has_text="Radiation").click()
    page.get_by_label("Je confirme").check()
    send(page)
    onlooker.check("console-closed")
    page.goto(f"{console.url}/personnes/retour/{other}")
    onlooker.check("console-reopen")


def test_cards_and_phones_are_found_and_ended(console: Console, open_browser: Open) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.goto(f"{console.url}/cartes-et-telephones")
    onlooker.check("console-cards")
    page.goto(f"{console.url}/cartes-et-telephones?q=0000")
    onlooker.check("console-cards-error")
    page.goto(f"{console.url}/cartes-et-telephones/telephones")
    onlooker.check("console-phones")
    page.locator("tbody a").first.click()
    onlooker.check("console-phone")
    page.get_by_role("link", name="Révoquer cette e-CPS").click()
    onlooker.check("console-phone-revoke")
    page.goto(f"{console.url}/cartes-et-telephones/carte/{_CARD}")
    onlooker.check("console-card")
    page.get_by_role("link", name="Mettre en opposition").click()
    send(page)
    onlooker.check("console-oppose-error")
    page.locator("label", has_text="Perte").click()
    page.get_by_label("Je confirme").check()
    send(page)
    onlooker.check("console-card-opposed")
    page.goto(f"{console.url}/cartes-et-telephones/commande/{PERSON}")
    onlooker.check("console-card-order")


def test_a_service_is_registered_and_managed(console: Console, open_browser: Open) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.goto(f"{console.url}/services")
    onlooker.check("console-services")
    page.get_by_role("link", name="Enregistrer un service").click()
    onlooker.check("console-service-new")
    page.get_by_label("Identifiant", exact=True).fill("mon-logiciel")
    page.get_by_label("Adresses de retour").fill("http://ailleurs.example/retour")
    send(page)
    onlooker.check("console-service-new-error")
    page.get_by_label("Adresses de retour").fill("https://ailleurs.example/retour")
    send(page)
    expect(page.locator("#result-2")).to_be_visible()
    onlooker.check("console-service-secret")
    page.get_by_role("link", name="Continuer").click()
    onlooker.check("console-service")
    address = page.url
    page.goto(f"{address}?lang=en")
    onlooker.check("console-service-english")
    page.goto(f"{address}?lang=fr")
    page.get_by_role("link", name="Modifier").click()
    onlooker.check("console-service-change")
    page.goto(f"{console.url}/services/desactivation/mon-logiciel")
    onlooker.check("console-service-disable")
    send(page)
    onlooker.check("console-service-disabled")


def test_without_scripts_an_identity_is_made_found_and_read(
    console: Console, open_browser: Open
) -> None:
    """EC-31: the whole journey, by forms and links alone."""
    page, _onlooker = open_browser(java_script_enabled=False)
    console.enter(page)
    page.goto(f"{console.url}/personnes")
    page.get_by_role("link", name="Créer une identité de test").click()
    page.get_by_label("Nom de famille").fill("Exemple")
    page.get_by_label("Prénom").fill("Ada")
    page.get_by_role("button", name="Ajouter une activité").click()
    page.get_by_role("button", name="Créer l’identité").click()
    national_id = page.locator("#national-id").inner_text()
    assert national_id.startswith("ANS")
    page.goto(f"{console.url}/personnes")
    page.get_by_label("Nom de famille ou identifiant").fill("exemple")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="EXEMPLE Ada").first.click()
    page.get_by_role("link", name="Vu des services").click()
    expect(page.locator("#claims")).to_contain_text(national_id)
    expect(page.locator("#claims")).to_contain_text("CABINET DE TEST 2")


def test_the_form_of_a_test_identity_and_what_it_gives(
    console: Console, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.goto(f"{console.url}/personnes/identite-de-test")
    onlooker.check("console-identity")
    send(page)
    onlooker.check("console-identity-error")
    page.get_by_label("Nom de famille").fill("Exemple")
    page.get_by_label("Prénom").fill("Zoé")
    page.get_by_label("Commander aussi une carte").check()
    page.get_by_role("button", name="Créer l’identité").click()
    onlooker.check("console-identity-made")
    page.goto(f"{page.url}?lang=en")
    onlooker.check("console-identity-made-english")
