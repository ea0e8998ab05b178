"""The card reader in a real Chromium: the whole sign-in by card, as a person does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ciba.helpers import NUMBER, CibaService, add_ciba_client, service
from tests.conftest import provider_of
from tests.e2e.conftest import Open
from tests.e2e.reader_place import (
    SECRET,
    Place,
    choose_reader,
    press,
    running_place,
    type_secret,
)
from tests.wallet.cards import RECEIVED
from wallet_sim.card.request_pages import REQUESTS_ADDRESS

pytestmark = pytest.mark.slow


@pytest.fixture
def place(sqlite_url: str, master_key: str, tmp_path: Path) -> Iterator[Place]:
    """With a card that arrived."""
    with running_place(tmp_path, sqlite_url, master_key, RECEIVED) as running:
        yield running


def _open_reader(page: Page, place: Place) -> None:
    page.goto(place.sign_in_page())
    choose_reader(page)
    type_secret(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Lecteur de carte simulé")


def _type_on_the_keypad(page: Page, code: str, form: str = "use") -> None:
    keypad = page.locator(f'form[action="/reader/{form}"] .keys')
    for digit in code:
        keypad.get_by_role("button", name=digit, exact=True).click()


def test_a_person_activates_a_card_and_signs_in_with_it(place: Place, open_browser: Open) -> None:
    """CP-07, CP-14; RGAA 4.1, decision 14: axe finds nothing, and the redirects go through."""
    page, onlooker = open_browser()
    _open_reader(page, place)
    onlooker.check("reader")
    press(page, "Insérer la carte")
    expect(page.get_by_role("alert")).to_have_count(0)
    onlooker.check("reader-inserted")
    _type_on_the_keypad(page, place.made.wrong_code)
    expect(page.locator('form[action="/reader/use"] .count')).to_have_text("4 chiffres saisis")
    press(page, "Se connecter avec cette carte")
    expect(page.get_by_role("alert")).to_contain_text("Code faux. Essais restants : 2.")
    expect(page).to_have_title("Erreur : Lecteur de carte simulé")
    onlooker.check("reader-wrong-code")
    _type_on_the_keypad(page, place.made.code)
    press(page, "Se connecter avec cette carte")
    expect(page.get_by_role("alert")).to_contain_text("pas encore activée")
    onlooker.check("reader-refused")
    press(page, "Activer la carte")
    expect(page.get_by_role("status").first).to_have_text("La carte est activée.")
    onlooker.check("reader-activated")
    press(page, "Se connecter avec cette carte")
    page.wait_for_url("**/accessibilite?**code=**")
    onlooker.check_silence()


def test_a_blocked_card_is_unblocked_and_given_another_code_by_keyboard(
    place: Place, open_browser: Open
) -> None:
    """RGAA 12.8, 11.11: what to do next stands where the refusal is told; no pointer is needed."""
    page, onlooker = open_browser()
    page.goto(f"{place.reader}/reader?lang=en")
    page.keyboard.press("Tab")
    page.get_by_label("Start-up secret").fill(SECRET)
    page.keyboard.press("Enter")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.get_by_label("Holder’s code", exact=True).first.focus()
        page.keyboard.type(place.made.wrong_code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("The card is blocked")
    expect(page.get_by_label("Unblocking code")).to_be_visible()
    onlooker.check("reader-blocked")
    page.get_by_label("Unblocking code").focus()
    for code in (place.made.unblock_code, "2580", "2581"):
        page.keyboard.type(code)
        page.keyboard.press("Tab")
    page.get_by_label("New holder’s code, once more").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not typed twice alike")
    page.get_by_label("Unblocking code").focus()
    for code in (place.made.unblock_code, "2580", "2580"):
        page.keyboard.type(code)
        page.keyboard.press("Tab")
    page.get_by_label("New holder’s code, once more").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("The card is unblocked")
    onlooker.check("reader-unblocked")
    press(page, "Remove the card")
    expect(page.get_by_role("status").first).to_have_text("The card is removed.")
    onlooker.check("reader-removed")


def test_the_reader_needs_no_javascript(place: Place, open_browser: Open) -> None:
    page, onlooker = open_browser(java_script_enabled=False)
    _open_reader(page, place)
    press(page, "Insérer la carte")
    page.locator("#code").fill(place.made.wrong_code)
    press(page, "Se connecter avec cette carte")
    expect(page.get_by_role("alert")).to_contain_text("Code faux. Essais restants : 2.")
    page.get_by_text("Changer le code porteur").click()
    page.locator("#present-code").fill(place.made.code)
    page.locator("#changed").fill("2580")
    page.locator("#changed-again").fill("2580")
    press(page, "Changer le code")
    expect(page.get_by_role("status").first).to_have_text("Le code porteur est changé.")
    onlooker.check_silence()


def test_a_person_answers_software_by_card(place: Place, open_browser: Open) -> None:
    """Decision 34; RGAA 4.1: the request appears by itself, and is answered from the keyboard."""
    client = _software(place)
    page, onlooker = open_browser()
    page.goto(f"{place.reader}{REQUESTS_ADDRESS}")
    type_secret(page)
    onlooker.check("requests-no-card")
    _activate(page, place)
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    news = page.get_by_role("status")
    expect(news).to_contain_text("Aucune demande en attente.")
    onlooker.check("requests-none")
    auth_req_id = _ask(client, place)
    expect(news).to_have_text("Une demande attend : Logiciel de cabinet")
    onlooker.check("requests-one")
    page.get_by_role("radio", name=NUMBER).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type(place.made.wrong_code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Code faux. Essais restants : 2.")
    onlooker.check("requests-wrong-code")
    page.get_by_role("link", name="Lecteur de carte").click()
    page.locator("#code").fill(place.made.code)
    press(page, "Valider le code")
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    page.get_by_role("radio", name=NUMBER).check()
    page.get_by_label("Code porteur").fill(place.made.code)
    press(page, "Approuver")
    expect(page.get_by_role("status").first).to_contain_text("La carte a approuvé la demande")
    onlooker.check("requests-approved")
    onlooker.check_silence()
    assert client.poll(auth_req_id).status_code == 200


def test_requests_are_answered_without_javascript(place: Place, open_browser: Open) -> None:
    """Decision 14."""
    client = _software(place)
    page, _ = open_browser(java_script_enabled=False)
    page.goto(f"{place.reader}{REQUESTS_ADDRESS}")
    type_secret(page)
    _activate(page, place)
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    auth_req_id = _ask(client, place)
    expect(page.get_by_role("status")).to_contain_text("Une demande attend", timeout=15_000)
    page.get_by_label("Code porteur").fill(place.made.code)
    press(page, "Refuser")
    expect(page.get_by_role("status").first).to_have_text("La carte a refusé la demande.")
    assert client.poll(auth_req_id).get_json()["error"] == "access_denied"


def _activate(page: Page, place: Place) -> None:
    page.get_by_role("link", name="Insérer une carte").click()
    press(page, "Insérer la carte")
    page.get_by_text("Activer une carte reçue").click()
    page.locator("#activation-code").fill(place.made.code)
    press(page, "Activer la carte")


def _software(place: Place) -> CibaService:
    add_ciba_client(provider_of(place.app))
    return service(place.app)


def _ask(client: CibaService, place: Place) -> str:
    holder = place.made.row().national_id
    return str(client.begin(channel="CARD", login_hint=holder)["auth_req_id"])
