"""The billing workstation in a real browser: prepare, activate, bill, sign, send, close."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from relying_services.clock import Clock
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service
from tests.relying_services.billing.surgery import Surgery
from tests.relying_services.signed_in import post


@pytest.fixture
def surgery(tmp_path: Path) -> Surgery:
    return Surgery(tmp_path, f"sqlite:///{tmp_path / 'billing.db'}", Clock())


@pytest.fixture
def place(surgery: Surgery, open_browser: Open) -> Iterator[ServicePlace]:
    with serving_service(surgery.app, open_browser) as served:
        yield served


def test_the_doctor_prepares_a_session_with_the_card_in_the_reader(
    surgery: Surgery, place: ServicePlace
) -> None:
    """SV-03 to SV-05: the identifier is read from the substitute's card."""
    page, onlooker = place.open(surgery.sign_in(surgery.doctor))
    surgery.insert(surgery.substitute)
    place.visit(page, "/replacements/substitute")
    onlooker.check("billing-read")
    surgery.insert(surgery.doctor)
    place.visit(page, "/replacements/new")
    onlooker.check("billing-preparation")
    page.evaluate("document.querySelector('.card form').noValidate = true")
    page.locator(".card form button[type=submit]").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    onlooker.check("billing-preparation-error")
    page.locator("[name=substitute]").fill("99700990023")
    page.locator("[name=name]").fill("Basile ALTERNE")
    page.locator("[name=kind][value=repeated]").check()
    page.locator("[name=mailbox][value=asked]").check()
    page.locator(".card form button[type=submit]").click()
    expect(page.locator("#state")).to_be_visible()
    onlooker.check("billing-replacement")
    address = page.url.partition("?")[0]
    expect(page.locator("#mailbox")).to_contain_text("demandé au fournisseur le")
    page.locator("#opened").click()
    onlooker.check("billing-mailbox-opened")
    page.locator(".card form button[type=submit]").click()
    expect(page.locator("#mailbox")).to_contain_text("ouvert par le fournisseur")
    page.goto(address + "/deactivate")
    onlooker.check("billing-confirmation")
    page.locator(".card form button[type=submit]").click()
    page.goto(address + "/again")
    onlooker.check("billing-again")


def test_the_substitute_activates_bills_signs_and_sends(
    surgery: Surgery, place: ServicePlace
) -> None:
    """SV-06, SV-08, SV-10: in whose name stands on every page."""
    name = surgery.prepare()
    page, onlooker = place.open(surgery.sign_in(surgery.substitute))
    place.visit(page, f"/activation/{name}")
    onlooker.check("billing-activation")
    page.locator(".card form button[type=submit]").click()
    expect(page.locator("#acting")).to_contain_text("Vous agissez en qualité de remplaçant de")
    onlooker.check("billing-home")
    place.visit(page, "/invoices/new")
    onlooker.check("billing-invoice-new")
    page.locator("[name=patient]").fill("Nadia FICTIVE")
    page.locator("[name=act_G]").fill("1")
    page.locator(".card form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("FSE-000001")
    onlooker.check("billing-invoice")
    place.visit(page, "/invoices")
    onlooker.check("billing-invoices")
    place.visit(page, "/batches")
    onlooker.check("billing-batches")
    page.locator(".card form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("LOT-000001")
    onlooker.check("billing-batch")
    page.locator("form[action$=send] button").click()
    onlooker.check("billing-mailbox")


def test_whom_to_ask_is_told_to_everybody(place: ServicePlace) -> None:
    """SV-14."""
    page, onlooker = place.open_browser()
    place.visit(page, "/help")
    onlooker.check("billing-help")


def test_a_purged_session_is_gone_from_the_page(surgery: Surgery, place: ServicePlace) -> None:
    """SV-12."""
    name = surgery.prepare()
    surgery.act(name, "deactivate")
    page, _ = place.open(surgery.sign_in(surgery.doctor))
    place.visit(page, f"/replacements/{name}/purge")
    page.locator(".card form button[type=submit]").click()
    expect(page.get_by_role("table")).to_have_count(0)
    doctor = surgery.sign_in(surgery.doctor)
    assert post(doctor, f"/replacements/{name}/purge").status_code == 404
