"""The strict profile in a browser: the number is typed, the PIN is longer, PKCE is demanded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.callback import running_callback
from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, PIN, Demonstration, running_demonstration

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("strict")
    with running_demonstration(folder, profile="strict") as running:
        yield running


def test_a_request_without_pkce_is_sent_back(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decision 10."""
    page, _onlooker = open_browser()
    with running_callback(demonstration) as callback:
        page.goto(callback.request(demonstration))
        assert callback.answers[-1][1]["error"] == "invalid_request"


def test_the_phone_is_not_told_the_number_and_the_person_types_it(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """Decisions 18 and 29."""
    page, onlooker = open_browser()
    page.goto(f"{demonstration.service}/login")
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    expect(page.locator("#challenge-prompt")).to_contain_text("saisissez le nombre")
    number = page.locator("#challenge-number").inner_text()
    document = demonstration.phone.request()["document"]
    assert document["number"] == {"mode": "typed", "length": 2}
    onlooker.check("waiting-typed")
    screen, watcher = open_browser()
    screen.goto(demonstration.phone.url)
    screen.fill("#secret", demonstration.phone.secret)
    screen.get_by_role("button", name="Ouvrir").click()
    screen.fill("[name=pin]", PIN)
    screen.fill("input[name=number]", number)
    watcher.check("phone-typed")
    screen.click("text=Approuver")
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    onlooker.check_silence()
