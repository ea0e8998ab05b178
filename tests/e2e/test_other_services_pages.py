"""Catalogue, messaging, regulation and oncology in a real browser."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from relying_services import catalogue, messaging, oncology, regulation
from relying_services.clock import Clock
from relying_services.oncology.store import sign_ins
from relying_services.regulation.invented import new_call
from relying_services.regulation.store.calls import add_calls
from relying_services.service.app import service_of
from relying_services.service.ciba import Asked
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service

MARGELLE, BRISELAME = "899700990015", "899700990023"
DOCTOR = {"codeProfession": "10", "codeSavoirFaire": "SM54", "raisonSocialeSite": "CABINET"}


@pytest.fixture
def served(open_browser: Open) -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving_service(app, open_browser))


def told(folder: Path, name: str) -> dict[str, Any]:
    """The settings that every service has."""
    return {
        "issuer": "http://localhost:1",
        "client_id": name,
        "client_secret": "secret",
        "base_url": "http://localhost:8008",
        "database_url": f"sqlite:///{folder / f'{name}.db'}",
    }


def test_the_catalogue_tells_what_each_service_demands(tmp_path: Path, served: Any) -> None:
    """EC-08, EC-09: to everybody, signed in or not."""
    settings = catalogue.CatalogueSettings(**told(tmp_path, "catalogue"))
    place: ServicePlace = served(catalogue.create_app(settings))
    page, onlooker = place.open_browser()
    place.visit(page, "/")
    onlooker.check("catalogue")
    page, onlooker = place.open_as(MARGELLE, means="MOBILE")
    place.visit(page, "/")
    onlooker.check("catalogue-signed-in")


def test_a_message_is_written_sent_and_read(tmp_path: Path, served: Any) -> None:
    """EP-16: by those who came by card."""
    settings = messaging.MessagingSettings(**told(tmp_path, "messaging"))
    place: ServicePlace = served(messaging.create_app(settings))
    other, _ = place.open_as(BRISELAME, name="Anatole BRISELAME", family_name="BRISELAME")
    place.visit(other, "/")
    address = other.locator("#address").inner_text()
    page, onlooker = place.open_as(MARGELLE, family_name="MARGELLE")
    place.visit(page, "/annuaire")
    onlooker.check("messaging-directory")
    place.visit(page, "/ecrire")
    onlooker.check("messaging-write")
    page.locator("[name=adresse]").fill(address)
    page.locator("[name=objet]").fill("Avis demandé")
    page.locator("[name=message]").fill("Pouvez-vous me rappeler demain ?")
    page.get_by_role("button", name="Envoyer").click()
    place.visit(page, "/envoyes")
    onlooker.check("messaging-outbox")
    other, watcher = place.open_as(BRISELAME, name="Anatole BRISELAME", family_name="BRISELAME")
    place.visit(other, "/")
    watcher.check("messaging-inbox")
    other.get_by_role("table").get_by_role("link").first.click()
    expect(other.get_by_text("Pouvez-vous me rappeler demain ?")).to_be_visible()
    watcher.check("messaging-letter")


def test_a_call_is_taken_and_closed(tmp_path: Path, served: Any) -> None:
    settings = regulation.RegulationSettings(**told(tmp_path, "regulation"))
    app = regulation.create_app(settings)
    with service_of(app).store.begin() as db:
        call = new_call(
            Clock().now(), urgency="P2", reason="Fièvre", place="Ici", phone="01 99 00 12 34"
        )
        add_calls(db, [call])
    place: ServicePlace = served(app)
    page, onlooker = place.open_as(MARGELLE, activity=DOCTOR)
    place.visit(page, "/")
    onlooker.check("regulation-home")
    page.get_by_role("button", name="Prendre").click()
    expect(page.get_by_role("button", name="Clore l’appel")).to_be_visible()
    onlooker.check("regulation-call")


def test_a_case_is_presented_after_a_sign_in_without_a_browser(tmp_path: Path, served: Any) -> None:
    """CIBA: the screen shows the number to find again."""
    app = oncology.create_app(oncology.OncologySettings(**told(tmp_path, "oncology")))
    place: ServicePlace = served(app)
    page, onlooker = place.open_browser()
    place.visit(page, "/connexion")
    onlooker.check("oncology-sign-in")
    client = app.test_client()
    asked = Asked("auth-req-id", "42", "MOBILE", 5, 120)
    with service_of(app).store.begin() as db, client.session_transaction() as session:
        # Its next question is due later: the provider is not asked meanwhile.
        later = Clock().now() + timedelta(minutes=1)
        session["asked"] = sign_ins.keep(db, later, asked)
    page, onlooker = place.open(client)
    place.visit(page, "/connexion/attente?pause=1")
    expect(page.get_by_text("42").first).to_be_visible()
    onlooker.check("oncology-waiting")
    page, onlooker = place.open_as(MARGELLE, activity=DOCTOR)
    place.visit(page, "/")
    onlooker.check("oncology-home")
    place.visit(page, "/dossiers/nouveau")
    onlooker.check("oncology-new")
    page.locator("[name=titre]").fill("Femme de 62 ans, sein droit")
    page.locator("[name=question]").fill("Chimiothérapie avant la chirurgie ?")
    page.locator("[name=participants]").fill(BRISELAME)
    page.get_by_role("button", name="Présenter").click()
    expect(page.get_by_role("heading", name="Donner mon avis")).to_be_visible()
    onlooker.check("oncology-case")
