"""The service's screen as business software: a person signs in without a browser (CIBA)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("software")
    with running_demonstration(folder) as running:
        yield running


def ask_for(page: Page, demonstration: Demonstration, national_id: str) -> None:
    page.goto(demonstration.service)
    page.click("#software")
    page.fill("#national-id", national_id)
    page.click("#ask")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_asked_for_by_software_is_signed_in(
    demonstration: Demonstration, open_browser: Open, scripts: bool
) -> None:
    """CIBA Core 7 and 10.1; RGAA 4.1, decision 14: no page of it needs a script."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    page.goto(f"{demonstration.service}/software")
    if scripts:
        onlooker.check("software")
    ask_for(page, demonstration, PERSON)
    number = page.locator("#number").inner_text()
    if scripts:
        # The page asks again by itself: there is no script that could.
        onlooker.check("software-waiting", except_for="meta-refresh")
    assert number in demonstration.phone.request()["document"]["number"]["options"]
    demonstration.phone.approve(number)
    expect(page.locator("#national-id")).to_have_text(PERSON)
    onlooker.check_silence()


def test_a_refusal_on_the_phone_is_told(demonstration: Demonstration, open_browser: Open) -> None:
    page, onlooker = open_browser()
    ask_for(page, demonstration, PERSON)
    expect(page.locator("#number")).to_be_visible()
    demonstration.phone.do("refuse", reason="cancelled")
    expect(page.locator("#error")).to_have_text("access_denied")
    expect(page.locator("#meaning")).to_have_text("La demande a été refusée.")
    onlooker.check("software-refused")


def test_an_identifier_of_another_form_is_told(
    demonstration: Demonstration, open_browser: Open
) -> None:
    page, onlooker = open_browser(locale="en-GB")
    ask_for(page, demonstration, "12")
    expect(page.locator("#error")).to_have_text("unknown_user_id")
    onlooker.check("software-unknown")
