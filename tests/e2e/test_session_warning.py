"""A page that stays open: the warning before the cut, going on, and the cut itself (MA-07).

The page's clock and the service's are moved together.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.settings import LIMITS
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service
from tests.relying_services.service.plain import plain_service, plain_settings

PERSON = "899700990015"
MINUTE = timedelta(minutes=1)


class Together:
    """A service, a browser in which somebody is signed in, and one time for both."""

    def __init__(self, place: ServicePlace, clock: Clock) -> None:
        self.place, self.clock = place, clock
        self.page, self.onlooker = place.open_as(PERSON)
        self.page.clock.install()

    def pass_by(self, time: timedelta) -> None:
        """Nobody does anything for so long; the computer may have slept."""
        self.clock.move(time)
        self.page.clock.fast_forward(int(time.total_seconds() * 1000))

    def another_tab(self) -> Page:
        """In the same browser."""
        return self.page.context.new_page()

    def kept(self) -> dict[str, Any]:
        """What the service keeps in the browser's cookie."""
        app = self.place.app
        name = app.config["SESSION_COOKIE_NAME"]
        [cookie] = [each for each in self.page.context.cookies() if each["name"] == name]
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return dict(serializer.loads(cookie["value"]))


@pytest.fixture(params=["recent"])
def together(
    request: pytest.FixtureRequest, tmp_path: Path, open_browser: Open
) -> Iterator[Together]:
    clock = Clock()
    settings = plain_settings(
        "http://localhost:1", "secret", tmp_path, limits=LIMITS[request.param]
    )
    app = plain_service(settings, clock)
    with serving_service(app, open_browser) as place:
        service = service_of(app)
        service.settings = replace(service.settings, base_url=place.base_url)
        yield Together(place, clock)


def test_a_page_that_stays_open_warns_in_time_and_goes_on(together: Together) -> None:
    """RGAA 13.1: five minutes before, as an alert that is read out; going on keeps the page."""
    page, place = together.page, together.place
    place.visit(page, "/activity?page=2")
    together.pass_by(54 * MINUTE)
    expect(page.locator("#session-warning")).to_be_hidden()
    together.pass_by(MINUTE + timedelta(seconds=6))
    expect(page.get_by_role("alert")).to_have_text(
        "Votre session sera coupée dans 5 min. "
        "Vous retrouverez cette page après une nouvelle connexion."
    )
    together.onlooker.check("service-idle-warning")
    page.get_by_role("button", name="Prolonger").click()
    page.wait_for_url("**/activity?page=2")
    expect(page.locator("#session-warning")).to_be_hidden()
    together.pass_by(50 * MINUTE)
    place.visit(page, "/activity?page=3")
    expect(page.locator("#person")).to_be_visible()


def test_a_page_says_that_the_session_was_cut_and_its_place_is_kept(together: Together) -> None:
    """MA-07: also where the computer slept over the warning."""
    page = together.page
    together.place.visit(page, "/activity?page=2")
    together.pass_by(61 * MINUTE)
    expect(page.get_by_role("alert")).to_have_text(
        "Votre session a expiré. Reconnectez-vous : vous retrouverez la page où vous étiez."
    )
    together.onlooker.check("service-idle-cut")
    page.get_by_role("button", name="Se reconnecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre session a expiré")
    assert together.kept()["place"] == "/activity?page=2"
    assert "handle" not in together.kept()


def test_work_in_another_tab_is_use_of_the_session(together: Together) -> None:
    """A page does not say that a session is cut which another tab keeps alive."""
    page, other = together.page, together.another_tab()
    together.place.visit(page, "/activity")
    together.pass_by(50 * MINUTE)
    together.place.visit(other, "/activity")
    together.pass_by(11 * MINUTE)
    expect(page.locator("#session-warning")).to_be_hidden()
    together.pass_by(45 * MINUTE)
    expect(page.get_by_role("alert")).to_contain_text("dans 5 min")


@pytest.mark.parametrize("together", ["2007"], indirect=True)
def test_a_page_that_stays_open_warns_of_the_absolute_limit_too(together: Together) -> None:
    """MA-07: the two hours of 2007, which nothing moves."""
    together.place.visit(together.page, "/activity")
    together.pass_by(114 * MINUTE)
    expect(together.page.locator("#session-warning")).to_be_hidden()
    together.pass_by(MINUTE + timedelta(seconds=6))
    expect(together.page.get_by_role("alert")).to_contain_text("sera coupée dans 5 min")
    together.pass_by(5 * MINUTE)
    expect(together.page.get_by_role("alert")).to_contain_text("Votre session a expiré")
