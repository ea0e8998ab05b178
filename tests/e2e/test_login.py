"""The whole path in a real browser, with every part a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("login")
    with running_demonstration(folder, services=2) as running:
        yield running


def ask_phone(page: Page, service: str) -> str:
    """Go from the service to the number on the waiting page."""
    page.goto(service)
    page.click("#login")
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    return page.locator("#challenge-number").inner_text()


def sign_in(page: Page, demonstration: Demonstration, service: str = "") -> None:
    service = service or demonstration.service
    demonstration.phone.approve(ask_phone(page, service))
    page.wait_for_url(f"{service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)


def test_a_wrong_number_signs_nobody_in_and_the_page_says_so(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decision 20: the challenge is dead, and a new one has another number."""
    page, onlooker = open_browser()
    shown = ask_phone(page, demonstration.service)
    options = demonstration.phone.request()["document"]["number"]["options"]
    other = next(option for option in options if option != shown)
    refused = demonstration.phone.refusal("approve", pin="482613", number=other)
    assert refused == "wrong_number"
    expect(page.locator("h1")).to_have_text("Le nombre ne correspondait pas")
    onlooker.check("outcome-wrong-number")
    page.click("button.primary")
    expect(page.locator("[name=national_id]")).to_be_visible()
    page.goto(demonstration.service)
    expect(page.locator("#login")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_signs_in_by_push_number_and_pin(
    demonstration: Demonstration, open_browser: Open, scripts: bool
) -> None:
    """Decision 14: without JavaScript the waiting page reloads itself."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    phone = demonstration.phone
    before = phone.pushes()
    number = ask_phone(page, demonstration.service)
    wait_for("the push", lambda: phone.pushes() > before)
    assert "Logiciel de cabinet 1" in "\n".join(phone.request()["shown"])
    assert "national_id" not in page.url
    phone.approve(number)
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    onlooker.check_silence()


def test_the_keyboard_alone_is_enough(demonstration: Demonstration, open_browser: Open) -> None:
    """RGAA 7.3, 10.7, 12.8: every control is reached in order, and its focus is seen."""
    page, onlooker = open_browser()
    page.goto(demonstration.service)
    page.locator("#login").focus()
    page.keyboard.press("Enter")
    field = page.locator("[name=national_id]")
    expect(field).to_be_focused()
    assert reached_by_tab(page) == controls(page)
    field.focus()
    page.keyboard.type(PERSON)
    page.keyboard.press("Enter")
    number = page.locator("#challenge-number").inner_text()
    assert reached_by_tab(page) == controls(page)
    demonstration.phone.approve(number)
    page.wait_for_url(f"{demonstration.service}/")
    page.goto(f"{demonstration.services[1]}/login")
    confirm = page.locator("button[value=confirm]")
    assert reached_by_tab(page) == controls(page)
    confirm.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demonstration.services[1]}/")
    onlooker.check_silence()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_shared_workstation_keeps_nothing(
    demonstration: Demonstration, open_browser: Open, scripts: bool
) -> None:
    """The service is signed in to; the next one asks who it is, and shows nobody."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    page.goto(f"{demonstration.service}/login")
    page.fill("[name=national_id]", PERSON)
    page.check("[name=public_workstation]")
    page.click("button.primary")
    demonstration.phone.approve(page.locator("#challenge-number").inner_text())
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    kept = {cookie["name"] for cookie in page.context.cookies(demonstration.provider.base_url)}
    assert not kept & {"ecps_session", "ecps_identifier", "ecps_known", "ecps_means"}
    page.goto(f"{demonstration.services[1]}/login")
    expect(page.locator("[name=national_id]")).to_have_value("")
    onlooker.check_silence()


def test_the_first_stop_of_the_keyboard_leads_past_the_header(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """RGAA 12.7."""
    page, _onlooker = open_browser()
    page.goto(demonstration.provider.base_url)
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_second_service_asks_once_whether_it_may(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decision 13."""
    page, onlooker = open_browser()
    second = demonstration.services[1]
    sign_in(page, demonstration)
    page.goto(f"{second}/login")
    expect(page.locator(".question")).to_contain_text("Logiciel de cabinet 2")
    expect(page.locator(".question")).to_contain_text(PERSON)
    onlooker.check("confirm")
    page.click("button[value=reject]")
    expect(page.locator("#error")).to_have_text("access_denied")
    page.goto(f"{second}/login")
    page.click("button[value=confirm]")
    page.wait_for_url(f"{second}/")
    page.goto(f"{second}/login")
    page.wait_for_url(f"{second}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    onlooker.check_silence()


def test_a_logout_ends_the_session_of_every_service(
    demonstration: Demonstration, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    first, second = demonstration.services
    sign_in(page, demonstration)
    page.goto(f"{second}/login")
    page.click("button[value=confirm]")
    page.wait_for_url(f"{second}/")
    page.click("#logout")
    page.wait_for_url(f"{second}/signed-out**")
    page.goto(f"{second}/login")
    expect(page.locator("[name=national_id]")).to_be_visible()

    def is_signed_out() -> bool:
        page.goto(first)
        return page.locator("#login").is_visible()

    wait_for("the first service to hear of the logout", is_signed_out)
    page.goto(f"{first}/login")
    expect(page.locator("[name=national_id]")).to_be_visible()
    onlooker.check_silence()


_CONTROLS = "a[href], button, input:not([type=hidden]), [tabindex='0']"
_NAME = "e => e.tagName + ' ' + (e.textContent.trim() || e.name)"


def controls(page: Page) -> list[str]:
    names: list[str] = page.locator(_CONTROLS).evaluate_all(f"all => all.map({_NAME})")
    return names


def reached_by_tab(page: Page) -> list[str]:
    """Every stop of the Tab key from the top of the page, each with its focus to be seen."""
    page.evaluate("document.activeElement.blur(); window.getSelection().removeAllRanges()")
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    names: list[str] = []
    for _ in controls(page):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        names.append(focused.evaluate(_NAME))
        outline = focused.evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline != "none", f"the focus on {names[-1]} is not seen"
    return names
