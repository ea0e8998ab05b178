""" "Mon compte" in a real browser, with a phone that answers: every page of it, and each state."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("account")
    places = json.dumps({"127.0.0.0/8": "Cabinet", "::1/128": "Cabinet"})
    with running_demonstration(folder, networks=places, portal_page_length=8) as running:
        yield running


def portal(demonstration: Demonstration, path: str = "") -> str:
    return f"{demonstration.provider.base_url}/portail{path}"


def answer_phone(page: Page, demonstration: Demonstration) -> None:
    """From the identifier's page, through the phone, to where the sign-in was for."""
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    demonstration.phone.approve(page.locator("#challenge-number").inner_text())


def enter(page: Page, demonstration: Demonstration, path: str = "/compte") -> None:
    page.goto(portal(demonstration, path))
    answer_phone(page, demonstration)
    page.wait_for_url(f"**/portail{path}")


def test_the_account_shows_what_stands(demonstration: Demonstration, open_browser: Open) -> None:
    """The overview, and each page of it, in French and in English."""
    page, onlooker = open_browser()
    page.goto(demonstration.service)
    page.click("#login")
    answer_phone(page, demonstration)
    page.wait_for_url(f"{demonstration.service}/")
    page.goto(portal(demonstration, "/compte"))
    page.click("button[value=confirm]")
    expect(page.locator("h1")).to_contain_text("Bonjour")
    onlooker.check("account")
    for place in ("telephones", "cartes", "cles", "sessions", "historique", "donnees"):
        page.goto(portal(demonstration, f"/{place}"))
        onlooker.check(f"account-{place}")
    page.goto(portal(demonstration, "/sessions"))
    expect(page.locator("main")).to_contain_text("Logiciel de cabinet 1")
    expect(page.locator("main")).to_contain_text("votre identifiant national")
    for place in ("compte", "telephones", "sessions", "historique", "donnees"):
        page.goto(portal(demonstration, f"/{place}?lang=en"))
        onlooker.check(f"account-{place}-english")


def test_the_history_is_read_page_by_page(demonstration: Demonstration, open_browser: Open) -> None:
    page, onlooker = open_browser()
    enter(page, demonstration, "/historique")
    first = page.locator("tbody tr").all_inner_texts()
    page.click("[rel=next]")
    expect(page.locator("[rel=prev]")).to_be_visible()
    assert page.locator("tbody tr").all_inner_texts() != first
    onlooker.check("history-older")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.select_option("#type", "cles")
    page.click(".filters button")
    expect(page.locator(".empty")).to_be_visible()
    onlooker.check("history-empty")


def test_the_e_cps_is_tested_with_a_whole_sign_in(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """ "Je teste ma e-CPS": Bravo, or what failed."""
    page, onlooker = open_browser()
    page.goto(portal(demonstration, "/test"))
    onlooker.check("e-cps-test")
    page.click("a.primary")
    answer_phone(page, demonstration)
    expect(page.locator("h1")).to_have_text("Bravo, votre e-CPS fonctionne")
    onlooker.check("e-cps-test-passed")
    page.goto(portal(demonstration, "/test/echoue"))
    onlooker.check("e-cps-test-failed")


def test_a_code_for_software_is_set_and_removed(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """CIBA Core 7.1; RGAA 11.10: what is wrong is told beside its field."""
    page, onlooker = open_browser()
    enter(page, demonstration, "/code-logiciels")
    onlooker.check("software-code")
    page.fill("#code", "482613")
    page.fill("#again", "482613")
    page.click("button.primary")
    expect(page.locator("#code-error")).to_contain_text("chiffres seuls")
    onlooker.check("software-code-error")
    page.fill("#code", "stethoscope")
    page.fill("#again", "stethoscope")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Code enregistré")
    onlooker.check("software-code-set")
    page.goto(portal(demonstration, "/code-logiciels/retrait"))
    onlooker.check("software-code-removal")
    page.click("button.danger")
    expect(page.locator("h1")).to_have_text("Code retiré")
    onlooker.check("software-code-removed")


def test_a_person_takes_their_data_away(demonstration: Demonstration, open_browser: Open) -> None:
    """RGPD, articles 15 and 20: a file, and nothing secret in it."""
    page, onlooker = open_browser()
    enter(page, demonstration, "/donnees/export")
    onlooker.check("export")
    with page.expect_download() as download:
        page.click("button.primary")
    document = json.loads(Path(download.value.path()).read_text())
    assert document["identity"]["national_id"] == PERSON
    assert document["phones"][0]["state"] == "active"


def test_everything_works_without_scripts(demonstration: Demonstration, open_browser: Open) -> None:
    """Decision 14: rename the phone, another revocation code, close the other session."""
    other, _onlooker = open_browser(java_script_enabled=False)
    enter(other, demonstration)
    page, onlooker = open_browser(java_script_enabled=False)
    enter(page, demonstration, "/telephones")
    page.click("text=Renommer")
    page.fill("[name=name]", "Téléphone du cabinet")
    page.click("button.primary")
    expect(page.locator("h2").first).to_contain_text("Téléphone du cabinet")
    page.goto(portal(demonstration, "/code-de-revocation"))
    page.click("button.primary")
    expect(page.locator("#revocation-code")).to_be_visible()
    page.goto(portal(demonstration, "/sessions"))
    page.locator("button.danger").first.click()
    other.goto(portal(demonstration, "/compte"))
    assert "/signin/" in other.url or "/auth" in other.url
    onlooker.check_silence()


def test_signing_out_everywhere_ends_this_session_too(
    demonstration: Demonstration, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    enter(page, demonstration, "/sessions")
    page.click("text=Me déconnecter partout")
    onlooker.check("sign-out-everywhere")
    page.click("button.danger")
    expect(page.locator("h1")).to_have_text("Vous êtes déconnecté partout")
    onlooker.check("signed-out-everywhere")
    page.goto(portal(demonstration, "/compte"))
    expect(page.locator("[name=national_id]")).to_be_visible()


def test_a_phone_gets_another_code_and_is_revoked(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """RGAA 11.12: asked why, and for a confirmation. The last one: it ends the phone."""
    page, onlooker = open_browser()
    enter(page, demonstration, "/code-de-revocation")
    onlooker.check("revocation-code")
    page.click("button.primary")
    onlooker.check("revocation-code-shown")
    page.goto(portal(demonstration, "/telephones"))
    page.click("text=Renommer")
    onlooker.check("phone-name")
    page.fill("[name=name]", " ")
    page.click("button.primary")
    onlooker.check("phone-name-error")
    page.goto(portal(demonstration, "/telephones"))
    page.click("text=Révoquer")
    onlooker.check("phone-revocation")
    page.click("button.danger")
    onlooker.check("phone-revocation-error")
    page.click("text=Il est perdu")
    page.click("button.danger")
    expect(page.locator("h1")).to_have_text("e-CPS révoquée")
    onlooker.check("phone-revoked")
