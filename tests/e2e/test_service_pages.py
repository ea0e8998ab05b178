"""The pages that every service has, in a real browser."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from relying_services.clock import Clock
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service
from tests.relying_services.service.plain import plain_service, plain_settings

PERSON = "899700990015"
ACTIVITIES = [
    {"raisonSocialeSite": "CABINET DU DR MARGELLE", "codePostal": "99001"},
    {"raisonSocialeSite": "CLINIQUE FICTIVE DU TEST", "codePostal": "99002"},
]
SUBJECT = {"SubjectRefPro": {"exercices": [{"codeProfession": "10", "activities": ACTIVITIES}]}}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def place(tmp_path: Path, open_browser: Open, clock: Clock) -> Iterator[ServicePlace]:
    app = plain_service(plain_settings("http://localhost:1", "secret", tmp_path), clock)
    with serving_service(app, open_browser) as served:
        yield served


def test_one_activity_of_several_is_chosen(place: ServicePlace) -> None:
    """CP-08: the person chooses; what is chosen stands on every page from then on."""
    page, onlooker = place.open_as(PERSON, **SUBJECT)
    place.visit(page, "/activity")
    page.get_by_label("CLINIQUE FICTIVE DU TEST").wait_for()
    onlooker.check("service-activity")
    page.evaluate("document.querySelector('.card form').noValidate = true")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Choisissez une activité de la liste.").first).to_be_visible()
    onlooker.check("service-activity-error")
    page.get_by_label("CLINIQUE FICTIVE DU TEST").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.locator("#activity")).to_have_text("Activité : CLINIQUE FICTIVE DU TEST")


def test_a_session_warns_before_it_is_cut_and_the_absolute_limit_holds_all_the_same(
    place: ServicePlace, clock: Clock
) -> None:
    """MA-07, RGAA 13.1."""
    page, onlooker = place.open_as(PERSON, **SUBJECT)
    _use_until(place, page, clock, timedelta(hours=3, minutes=56))
    expect(page.locator("#session-warning")).to_contain_text("Votre session sera coupée dans 4 min")
    onlooker.check("service-activity-warning")
    expect(page.get_by_role("button", name="Prolonger")).to_be_visible()
    clock.move(timedelta(minutes=5))
    place.visit(page, "/activity")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre session a expiré")
    onlooker.check("service-cut")


def _use_until(place: ServicePlace, page: Page, clock: Clock, age: timedelta) -> None:
    """Come back often enough that the idle limit never counts."""
    step = timedelta(minutes=59)
    while age > step:
        clock.move(step)
        place.visit(page, "/activity")
        age -= step
    clock.move(age)
    place.visit(page, "/activity")


def test_a_page_of_somebody_else_or_of_nobody_is_told_as_a_page(place: ServicePlace) -> None:
    page, onlooker = place.open_as(PERSON, **SUBJECT)
    place.visit(page, "/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page introuvable")
    onlooker.check("service-refusal")


def test_who_signs_out_is_told(place: ServicePlace) -> None:
    page, onlooker = place.open_as(PERSON, **SUBJECT)
    place.visit(page, "/activity")
    page.locator("#logout").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vous êtes déconnecté")
    onlooker.check("service-left")
