"""The ways into the account in a real browser: password of 2007, invitation, acting for another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from relying_services.mon_compte import MonCompteSettings, create_app
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service
from tests.relying_services.mon_compte.espacepro import SECRET, Answering, answering, delegation

ACCOUNTANT = "account:7f3a"
PASSWORD = "une phrase assez longue"
INVITATION = {
    "email": "ilan.comptant@exemple.test",
    "status": "comptable",
    "delegator_name": "Dr Solène MARGELLE",
    "services": ["paiements"],
    "starts_on": "2026-01-01",
    "ends_on": "2040-12-31",
}


@pytest.fixture
def place(tmp_path: Path, open_browser: Open) -> Iterator[ServicePlace]:
    settings = MonCompteSettings(
        issuer="http://localhost:1",
        client_id="mon_compte",
        client_secret="a secret of this client",
        base_url="http://localhost:8010",
        database_url=f"sqlite:///{tmp_path / 'mon_compte.db'}",
        espacepro_secret=SECRET,
        password_access=True,
        password_cost="scrypt:1024:8:1",
    )
    with serving_service(create_app(settings), open_browser) as served:
        yield served


@pytest.fixture
def espacepro(place: ServicePlace) -> Answering:
    made = answering(place.app)
    made.invitations = {"one": dict(INVITATION), "two": dict(INVITATION)}  # type: ignore[arg-type]
    made.delegations[ACCOUNTANT] = [delegation("D-1", "899700990015")]
    return made


def test_every_way_in_is_shown_and_a_wrong_password_is_told_beside_its_field(
    place: ServicePlace,
) -> None:
    """MA-01."""
    page, onlooker = place.open_browser()
    place.visit(page, "/acces")
    onlooker.check("compte-entrance")
    page.locator("[name=login]").fill("991234564")
    page.locator("[name=password]").fill("n’importe quoi du tout")
    page.locator(".card form button[type=submit]").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    onlooker.check("compte-entrance-error")
    place.visit(page, "/acces/creation")
    onlooker.check("compte-creation")
    place.visit(page, "/acces/mot-de-passe")
    onlooker.check("compte-change")


@pytest.mark.usefixtures("espacepro")
def test_an_accountant_opens_an_account_by_invitation(place: ServicePlace) -> None:
    page, onlooker = place.open_browser()
    place.visit(page, "/invitations/one")
    onlooker.check("compte-invitation")
    page.locator("[name=name]").fill("Ilan COMPTANT")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=again]").fill(PASSWORD)
    page.locator("form[action$=acceptation] button[type=submit]").click()
    onlooker.check("compte-done")


@pytest.mark.usefixtures("espacepro")
def test_who_refuses_an_invitation_is_told_that_nothing_was_opened(place: ServicePlace) -> None:
    page, onlooker = place.open_browser()
    place.visit(page, "/invitations/two")
    page.locator("form[action$=refus] button[type=submit]").click()
    onlooker.check("compte-declined")


@pytest.mark.usefixtures("espacepro")
def test_for_whom_one_acts_is_chosen_and_shown_on_each_page(place: ServicePlace) -> None:
    """EP-05."""
    page, onlooker = place.open_as(ACCOUNTANT, name="Ilan COMPTANT", means="PASSWORD", sid="")
    place.visit(page, "/agir")
    onlooker.check("compte-delegations")
    page.get_by_role("button", name="Agir").first.click()
    expect(page.get_by_text("Vous agissez en qualité de").first).to_be_visible()
