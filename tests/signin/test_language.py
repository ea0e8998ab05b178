"""French first: which language a page is in, and who decides it."""

import pytest
from flask.testing import FlaskClient

from tests.signin.helpers import begin

ENGLISH, FRENCH = '<html lang="en">', '<html lang="fr">'


@pytest.mark.parametrize(
    ("accepted", "page"),
    [("fr-FR, en;q=0.5", FRENCH), ("en-GB", ENGLISH), ("de", FRENCH), ("", FRENCH)],
)
def test_the_browser_is_asked_for_its_language(
    browser: FlaskClient, accepted: str, page: str
) -> None:
    assert page in browser.get("/", headers={"Accept-Language": accepted}).text


def test_the_service_may_ask_for_a_language(browser: FlaskClient) -> None:
    """Core 3.1.2.1, `ui_locales`."""
    shown = browser.get(begin(browser, ui_locales="de en-GB"), headers={"Accept-Language": "fr"})
    assert ENGLISH in shown.text
    assert "National identifier" in shown.text


def test_the_choice_of_the_person_wins_and_is_kept(browser: FlaskClient) -> None:
    page = begin(browser, ui_locales="en")
    assert FRENCH in browser.get(page + "?lang=fr").text
    assert FRENCH in browser.get(page).text
    assert FRENCH in browser.get("/").text
