"""Security keys in a real browser, whose virtual authenticator answers as a key would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration
from tests.e2e.looking import Onlooker
from tests.e2e.virtual_key import plug_in

pytestmark = pytest.mark.slow

KEYS = "/portail/cles"
ADD = f"{KEYS}/ajouter"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("keys")
    with running_demonstration(folder, security_key_timeout=3) as running:
        yield running


def enter_by_phone(page: Page, demonstration: Demonstration, path: str = ADD) -> None:
    """Open a page of the account by a sign-in with the e-CPS."""
    page.goto(f"{demonstration.provider.base_url}{path}")
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    demonstration.phone.approve(page.locator("#challenge-number").inner_text())
    page.wait_for_url(f"**{path}")


def add_key(page: Page, name: str) -> None:
    page.fill("[name=name]", name)
    page.click("#key-button")
    page.wait_for_url(f"**{KEYS}?fait=ajout")


def ask_for_key(page: Page, demonstration: Demonstration) -> None:
    """Go from the service to the tab of security keys, as nobody."""
    page.context.clear_cookies()
    page.goto(demonstration.service)
    page.click("#login")
    page.get_by_role("link", name="Clé de sécurité").click()


def test_a_key_is_added_used_named_and_removed(
    demonstration: Demonstration, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    key = plug_in(page)
    enter_by_phone(page, demonstration, KEYS)
    onlooker.check("security-keys-none")
    page.click("#add-key")
    expect(page.locator("[name=name]")).to_have_value("Chrome sous Linux")
    onlooker.check("security-key-adding")
    add_key(page, "Clé du cabinet")
    expect(page.get_by_role("status").first).to_contain_text("est ajoutée")
    onlooker.check("security-keys")

    ask_for_key(page, demonstration)
    onlooker.check("security-key-tab")
    page.click("#key-button")
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    assert key.use_count() >= 1

    page.context.clear_cookies()
    enter_by_phone(page, demonstration, KEYS)
    page.get_by_role("link", name="Renommer « Clé du cabinet »").click()
    onlooker.check("security-key-name")
    page.fill("[name=name]", "")
    page.click("button.primary")
    expect(page.get_by_role("alert")).to_contain_text("Donnez un nom")
    onlooker.check("security-key-nameless")
    page.fill("[name=name]", "Clé de la maison")
    page.click("button.primary")
    page.get_by_role("link", name="Supprimer « Clé de la maison »").click()
    onlooker.check("security-key-removal")
    page.click("button.danger")
    expect(page.locator("h1")).to_have_text("Clé de sécurité supprimée")
    onlooker.check("security-key-removed")

    ask_for_key(page, demonstration)
    page.click("#key-button")
    expect(page.get_by_role("alert")).to_contain_text("n’est pas reconnue")
    onlooker.check("security-key-refused")


def test_a_key_that_does_not_answer_leaves_the_page_as_it_was(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Cancelled, not verified or known already: said in words, and the button stands again."""
    page, onlooker = open_browser()
    key = plug_in(page)
    ask_for_key(page, demonstration)
    page.click("#key-button")
    told = page.locator("#key-problem")
    expect(told).to_contain_text("annulée")
    onlooker.check("security-key-cancelled")
    expect(page.locator("#key-button")).to_be_enabled()

    enter_by_phone(page, demonstration)
    add_key(page, "Clé du cabinet")
    page.click("#add-key")
    page.click("#key-button")
    expect(told).to_contain_text("déjà enregistrée")
    onlooker.check("security-key-known")
    key.verify_user(False)
    ask_for_key(page, demonstration)
    page.click("#key-button")
    expect(told).to_contain_text("Recommencez quand vous voulez")


def test_a_page_that_has_lapsed_says_so(demonstration: Demonstration, open_browser: Open) -> None:
    """What the script is to ask is gone: it says so, and posts nothing."""
    page, _onlooker = open_browser()
    plug_in(page)
    ask_for_key(page, demonstration)
    page.context.clear_cookies()
    page.click("#key-button")
    expect(page.locator("#key-problem")).to_contain_text("La page a expiré")


def test_the_pages_are_in_english_too(demonstration: Demonstration, open_browser: Open) -> None:
    page, onlooker = open_browser(locale="en-GB")
    plug_in(page)
    enter_by_phone(page, demonstration)
    check_english(page, onlooker, "security-key-adding-english")
    add_key(page, "Practice key")
    check_english(page, onlooker, "security-keys-english")


def test_without_scripts_the_page_says_that_keys_need_them(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decision 14: the exception, and another means is a link away."""
    page, onlooker = open_browser(java_script_enabled=False)
    ask_for_key(page, demonstration)
    expect(page.locator("#key-button")).to_be_hidden()
    expect(page.get_by_text("demandent JavaScript")).to_be_visible()
    page.get_by_role("link", name="Application e-CPS").click()
    expect(page.locator("[name=national_id]")).to_be_visible()
    onlooker.check_silence()


def check_english(page: Page, onlooker: Onlooker, name: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "en")
    onlooker.check(name)
