"""Requests on the phones on screen, in a real Chromium: they arrive, are answered, or lapse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PIN
from tests.e2e.meanwhile import come_back, send_and_hold, tell
from tests.e2e.phone_screen import (
    BY_ITSELF,
    REQUEST_LIFETIME,
    WRONG_PIN,
    Screen,
    answer,
    approve_by_control,
    fill_in,
    heading,
    press,
    running_screen,
)

PUSH_TO_PAGE = 5_000  # milliseconds: a push, a second's poll, and a machine that many tests share
NOTHING_WAITS: dict[str, object] = {"cursor": "another", "waiting": [], "service": ""}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    folder: Path = tmp_path_factory.mktemp("requests")
    with running_screen(folder) as running:
        yield running


# -- refusals ------------------------------------------------------------------------------------


def test_a_wrong_pin_tells_the_tries_left_and_the_third_one_when_to_come_back(
    screen: Screen, open_browser: Open
) -> None:
    """Decision 19: three wrong PINs end the sign-in and start the waiting time."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    screen.enter(page)
    number = screen.ask(browser)
    heading(page, "Demande de connexion")
    for left in (2, 1):
        answer(page, number, WRONG_PIN)
        expect(page.get_by_role("alert")).to_have_text(
            f"Code e-CPS faux. Essais restants : {left}."
        )
    onlooker.check("phone-wrong-pin")
    answer(page, number, WRONG_PIN)
    expect(page.get_by_role("alert")).to_contain_text("pour la troisième fois")
    onlooker.check("phone-locked")
    page.get_by_role("link", name="Accueil").click()
    expect(page.locator(".ecps")).to_contain_text("Verrouillée")
    screen.demonstration.provider.move_clock(3600)
    approve_by_control(screen, browser)


def test_a_request_that_expires_leaves_the_phone(screen: Screen, open_browser: Open) -> None:
    """Decision 8: the page finds out by itself."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    screen.enter(page)
    screen.ask(browser)
    heading(page, "Demande de connexion")
    screen.demonstration.provider.move_clock(REQUEST_LIFETIME + 1)
    expect(page.get_by_text("La demande n’attend plus")).to_be_visible(timeout=BY_ITSELF)
    onlooker.check("phone-request-gone")


# -- answering -----------------------------------------------------------------------------------


def test_a_request_arrives_by_itself_and_is_approved_on_the_keypad(
    screen: Screen, open_browser: Open
) -> None:
    """Decisions 29 and 38: the push is seen by the next poll, the service stands first."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    screen.enter(page)
    heading(page, "Ma e-CPS")
    onlooker.check("phone-home")
    number = screen.ask(browser)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Demande de connexion", timeout=PUSH_TO_PAGE
    )
    expect(page.locator(".arrived")).to_have_text("Une demande vient d’arriver.")
    expect(page.locator(".service")).to_have_text(
        "Messagerie de santé sécurisée de l’hôpital Saint-Exemple"
    )
    expect(page.locator(".keys [data-digit]")).to_have_text([*"1234567890"])
    onlooker.check("phone-request")
    page.get_by_role("radio", name=number).check()
    press(page, PIN)
    expect(page.locator(".count")).to_have_text("6 chiffres saisis")
    assert PIN not in page.locator("body").inner_text()
    onlooker.check("phone-request-filled")
    page.get_by_role("button", name="Approuver").click()
    heading(page, "Demande approuvée")
    onlooker.check("phone-approved")
    browser.wait_for_url(f"{screen.callback.url}?**")
    page.get_by_role("link", name="Terminé").click()
    page.get_by_role("link", name="Historique").click()
    expect(page.locator(".decided li").first).to_contain_text("Approuvée")
    onlooker.check("phone-history")


def test_what_an_answer_brings_is_shown_though_the_page_learns_meanwhile_that_nothing_waits(
    screen: Screen, open_browser: Open
) -> None:
    browser, _ = open_browser()
    page, onlooker = open_browser()
    number = screen.ask(browser)
    screen.enter(page)
    fill_in(page, number, PIN)
    held = send_and_hold(page, "Approuver", "**/do/approve")
    tell(page, "**/state?**", NOTHING_WAITS)
    held.pop().continue_()
    heading(page, "Demande approuvée")
    browser.wait_for_url(f"{screen.callback.url}?**")
    onlooker.check_silence()


def test_a_page_that_is_shown_anew_after_its_answer_looks_again(
    screen: Screen, open_browser: Open
) -> None:
    browser, _ = open_browser()
    page, _ = open_browser()
    number = screen.ask(browser)
    screen.enter(page)
    fill_in(page, number, PIN)
    come_back(page)
    send_and_hold(page, "Approuver", "**/do/approve")
    tell(page, "**/state?**", NOTHING_WAITS)
    page.wait_for_url("**/?done=gone")
    page.close()
    screen.phone.do("refuse", reason="cancelled")


def test_the_keyboard_alone_answers(screen: Screen, open_browser: Open) -> None:
    """RGAA 7.3: numbers by arrow keys, digits by a keyboard's own keys or by the pad's."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    number = screen.ask(browser)
    screen.enter(page)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    while not page.get_by_role("radio", name=number).is_checked():
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Code e-CPS", exact=True)).to_be_focused()
    page.keyboard.type(PIN[:-1])
    page.locator(f".keys [data-digit='{PIN[-1]}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".count")).to_have_text("6 chiffres saisis")
    page.get_by_role("button", name="Approuver").focus()
    page.keyboard.press("Enter")
    heading(page, "Demande approuvée")
    browser.wait_for_url(f"{screen.callback.url}?**")
    onlooker.check_silence()


def test_scripts_are_not_needed(screen: Screen, open_browser: Open) -> None:
    """Decision 14: the page reloads itself, until a person stops that, and the PIN is a field."""
    browser, _ = open_browser()
    page, onlooker = open_browser(java_script_enabled=False)
    screen.enter(page)
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(1)
    page.get_by_role("link", name="Arrêter la mise à jour").click()
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)
    page.get_by_role("link", name="Reprendre la mise à jour").click()
    number = screen.ask(browser)
    heading(page, "Demande de connexion")
    expect(page.locator(".pad")).to_be_hidden()
    answer(page, number, PIN)
    heading(page, "Demande approuvée")
    browser.wait_for_url(f"{screen.callback.url}?**")
    onlooker.check_silence()


def test_a_request_is_refused(screen: Screen, open_browser: Open) -> None:
    browser, _ = open_browser()
    page, onlooker = open_browser()
    screen.ask(browser)
    screen.enter(page)
    page.get_by_role("button", name="Refuser").click()
    expect(page.get_by_text("Demande refusée.", exact=True)).to_be_visible()
    onlooker.check("phone-refused")
    expect(browser.locator("h1")).to_have_text("Connexion non approuvée")


def test_a_request_of_somebody_else_is_refused_after_a_confirmation(
    screen: Screen, open_browser: Open
) -> None:
    """RGAA 11.12: the alert is raised by a second page only."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    screen.ask(browser)
    screen.enter(page)
    page.get_by_role("link", name="Je ne suis pas à l’origine de cette demande").click()
    onlooker.check("phone-not-me")
    page.get_by_role("button", name="Refuser et alerter").click()
    expect(page.get_by_text("Demande refusée, et alerte donnée")).to_be_visible()
    expect(browser.locator("h1")).to_have_text("Connexion refusée")
    page.get_by_role("link", name="Historique").click()
    expect(page.locator(".decided li").first).to_contain_text("Refusée, pas moi")


def test_a_sign_in_of_this_phone_is_finished_by_a_code(screen: Screen, open_browser: Open) -> None:
    """Decision 25: the completion is shown once, for the browser that began."""
    browser, _ = open_browser()
    page, onlooker = open_browser()
    number = screen.ask(browser, button="[name=same_device]")
    screen.enter(page)
    answer(page, number, PIN)
    onlooker.check("phone-completion")
    completion = page.locator("#completion").inner_text()
    browser.fill("#completion", completion)
    browser.click("button[type=submit] >> nth=0")
    browser.wait_for_url(f"{screen.callback.url}?**")


def test_a_request_arrives_in_its_frame_and_is_approved_there(
    screen: Screen, open_browser: Open
) -> None:
    browser, _ = open_browser()
    page, onlooker = open_browser()
    page.goto(screen.url)
    screen.unlock(page)
    phone = page.frame_locator("iframe[title='Téléphone camille']")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Ma e-CPS")
    number = screen.ask(browser)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(phone.get_by_role("button", name="Effacer")).to_be_visible()
    place = "keys => [keys.getBoundingClientRect().bottom, innerHeight]"
    bottom, height = phone.locator(".keys").evaluate(place)
    assert bottom <= height <= 900, "number and keypad do not show whole in the frame"
    phone.get_by_role("radio", name=number).check()
    phone.get_by_label("Code e-CPS", exact=True).fill(PIN)
    onlooker.check("screen-overview-request")
    phone.get_by_role("button", name="Approuver").click()
    browser.wait_for_url(f"{screen.callback.url}?**")
    onlooker.check_silence()


def test_a_request_is_read_in_english(screen: Screen, open_browser: Open) -> None:
    browser, _ = open_browser()
    page, onlooker = open_browser(locale="en-GB")
    number = screen.ask(browser)
    page.goto(screen.path())
    page.get_by_label("Start-up secret").fill(screen.phone.secret)
    page.get_by_role("button", name="Open").click()
    heading(page, "Sign-in request")
    expect(page.get_by_text("Pick the number that the page shows")).to_be_visible()
    onlooker.check("phone-english-request")
    page.get_by_role("radio", name=number).check()
    page.get_by_label("e-CPS PIN", exact=True).fill(PIN)
    page.get_by_role("button", name="Approve").click()
    browser.wait_for_url(f"{screen.callback.url}?**")
