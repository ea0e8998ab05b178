"""Phones on screen in a real Chromium: a person opens, activates, keeps and leaves them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PIN
from tests.e2e.phone_screen import (
    BY_ITSELF,
    OTHER_PERSON,
    SECOND,
    WRONG_PIN,
    Screen,
    activate_by_mail,
    choose,
    heading,
    press,
    running_screen,
    show_picture,
)

NEW_PIN = "739150"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    folder: Path = tmp_path_factory.mktemp("screen")
    with running_screen(folder) as running:
        yield running


# -- the screen ----------------------------------------------------------------------------------


def test_the_secret_is_asked_for_first(screen: Screen, open_browser: Open) -> None:
    """Decision 2."""
    page, onlooker = open_browser()
    page.goto(screen.path())
    onlooker.check("screen-login")
    page.get_by_label("Secret de démarrage").fill("guessed")
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_role("alert")).to_have_text("Ce secret n’est pas le bon.")
    onlooker.check("screen-login-wrong")
    screen.unlock(page)
    heading(page, "Ma e-CPS")


def test_a_page_that_does_not_exist_says_so(screen: Screen, open_browser: Open) -> None:
    page, onlooker = open_browser()
    screen.enter(page)
    page.goto(f"{screen.url}/phones/nobody/")
    expect(page.get_by_role("alert")).to_have_text("Cette page n’existe pas.")
    onlooker.check("screen-not-found")


def test_phones_and_reader_stand_side_by_side_and_one_is_added(
    screen: Screen, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    page.goto(screen.url)
    screen.unlock(page)
    first = page.frame_locator("iframe[title='Téléphone camille']")
    expect(first.get_by_role("heading", level=1)).to_have_text("Ma e-CPS")
    reader = page.frame_locator("iframe[title='Lecteur de carte']")
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    onlooker.check("screen-overview")
    page.get_by_label("Nom du téléphone").fill("Camille")
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce nom ne convient pas")
    onlooker.check("screen-overview-refused")
    page.get_by_label("Nom du téléphone").fill("Zoé au cabinet")
    page.get_by_role("button", name="Ajouter").click()
    added = page.frame_locator("iframe[title='Téléphone zoe-au-cabinet']")
    expect(added.get_by_role("heading", level=1)).to_have_text("Activer ma e-CPS")


@pytest.mark.parametrize("path", ["", "activate", "history", "details", "pin", "forgotten"])
def test_pages_speak_english(screen: Screen, open_browser: Open, path: str) -> None:
    """RGAA 8.3: language of the page, and of what is shown."""
    page, onlooker = open_browser()
    screen.enter(page)
    page.goto(f"{screen.path()}{path}?lang=en")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    onlooker.check(f"phone-english-{path or 'home'}")


# -- an e-CPS ------------------------------------------------------------------------------------


def test_the_pin_is_changed(screen: Screen, open_browser: Open) -> None:
    page, onlooker = open_browser()
    screen.enter(page)
    page.get_by_role("link", name="Réglages").click()
    onlooker.check("phone-details")
    page.get_by_role("link", name="Changer le code e-CPS").click()
    onlooker.check("phone-change-pin")
    page.get_by_label("Code e-CPS actuel").focus()
    press(page, PIN)
    page.locator("[data-next]").click()
    press(page, NEW_PIN)
    page.locator("[data-next]").click()
    press(page, WRONG_PIN)
    page.get_by_role("button", name="Changer", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(
        "Les deux codes diffèrent. Tapez deux fois le même."
    )
    onlooker.check("phone-change-pin-refused")
    page.get_by_label("Code e-CPS actuel").fill(PIN)
    page.get_by_label("Nouveau code e-CPS").fill(NEW_PIN)
    page.get_by_label("Le même code").fill(NEW_PIN)
    page.get_by_role("button", name="Changer", exact=True).click()
    expect(page.get_by_text("Votre code e-CPS est changé.")).to_be_visible()
    assert screen.phone.do("change-pin", old=NEW_PIN, new=PIN)["outcome"] == "changed"


def test_an_e_cps_is_activated_by_mail_and_sms_then_given_up_when_its_pin_is_forgotten(
    screen: Screen, open_browser: Open
) -> None:
    """Decision 17; RGAA 11.10: each step says where it stands, and what was typed wrong."""
    page, onlooker = open_browser()
    screen.enter(page, SECOND)
    onlooker.check("phone-welcome")
    page.get_by_role("link", name="Avec ma carte CPS").click()
    onlooker.check("phone-portal-qr")
    page.get_by_role("link", name="Choisir une autre façon").click()
    page.get_by_role("link", name="Par courriel et SMS").click()
    page.get_by_label("Identifiant national").fill(OTHER_PERSON.removeprefix("8"))
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ajoutez 8")
    onlooker.check("phone-identifier-error")
    before = screen.newest(OTHER_PERSON)
    page.get_by_label("Identifiant national").fill(OTHER_PERSON)
    page.get_by_role("button", name="Continuer").click()
    onlooker.check("phone-mail-qr")
    mail = screen.wait_for_message(OTHER_PERSON, "png", after=before)
    show_picture(page, mail)
    expect(page.get_by_label("Code reçu par SMS")).to_be_visible()
    onlooker.check("phone-sms")
    page.get_by_role("button", name="Renvoyer le SMS").click()
    expect(page.get_by_role("alert")).to_contain_text("Un SMS vient de partir")
    onlooker.check("phone-sms-wait")
    sms = screen.wait_for_message(OTHER_PERSON, "code", after=mail["id"])
    page.get_by_label("Code reçu par SMS").fill(sms["payload"]["code"])
    page.get_by_role("button", name="Continuer").click()
    heading(page, "Choisir le code e-CPS")
    onlooker.check("phone-pin")
    choose(page, "123456")
    expect(page.get_by_role("alert")).to_contain_text("n’est pas une suite")
    onlooker.check("phone-pin-refused")
    choose(page, NEW_PIN)
    heading(page, "Votre e-CPS est active")
    onlooker.check("phone-activated")
    page.get_by_role("button", name="Le code est noté").click()
    page.get_by_role("link", name="Historique").click()
    onlooker.check("phone-history-empty")
    page.get_by_role("link", name="Réglages").click()
    page.get_by_role("link", name="Supprimer l’e-CPS").click()
    onlooker.check("phone-delete")
    page.get_by_role("link", name="La garder").click()
    page.get_by_role("link", name="Réglages").click()
    page.get_by_role("link", name="Code e-CPS oublié").click()
    onlooker.check("phone-forgotten")
    page.get_by_role("button", name="Supprimer l’e-CPS et recommencer").click()
    expect(page.get_by_text("L’e-CPS est supprimée de ce téléphone.")).to_be_visible()
    onlooker.check("phone-deleted")


def test_an_e_cps_revoked_elsewhere_says_what_to_do(screen: Screen, open_browser: Open) -> None:
    """EC-27: the page that is looked at changes by itself."""
    page, onlooker = open_browser()
    screen.enter(page, SECOND)
    code = activate_by_mail(page, screen, OTHER_PERSON, NEW_PIN)
    elsewhere, _ = open_browser()
    elsewhere.goto(f"{screen.demonstration.provider.base_url}/portail/revocation")
    elsewhere.get_by_label("Code de révocation").fill(code)
    elsewhere.get_by_label("Je confirme").check()
    elsewhere.get_by_role("button", name="Révoquer ma e-CPS").click()
    heading_of = page.get_by_role("heading", level=1)
    expect(heading_of).to_have_text("Cette e-CPS ne peut plus servir", timeout=BY_ITSELF)
    onlooker.check("phone-over")
    page.get_by_role("button", name="Supprimer l’e-CPS et recommencer").click()
    heading(page, "Activer ma e-CPS")
