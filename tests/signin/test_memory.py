"""What a browser remembers: the identifier where it is asked, and no longer than that."""

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.signin.helpers import (
    NOBODY,
    PERSON,
    SOMEBODY_ELSE,
    begin,
    interactions,
    post,
    start,
)


def remembered(browser: FlaskClient) -> str:
    kept = browser.get_cookie("ecps_identifier")
    return kept.value if kept else ""


def test_nothing_is_remembered_unasked(browser: FlaskClient) -> None:
    start(browser, begin(browser))
    assert remembered(browser) == ""


@pytest.mark.parametrize("national_id", [PERSON, NOBODY])
def test_the_identifier_is_remembered_where_it_is_asked(
    browser: FlaskClient, national_id: str
) -> None:
    """Decision 17: whoever it is, and whether or not anybody has it."""
    start(browser, begin(browser), national_id, remember="1")
    assert remembered(browser) == national_id
    shown = browser.get(begin(browser)).text
    assert f'name="national_id" type="text" value="{national_id}"' in shown
    assert "Oublier mon identifiant" in shown


def test_it_is_forgotten_when_it_is_no_longer_asked(browser: FlaskClient) -> None:
    start(browser, begin(browser), SOMEBODY_ELSE, remember="1")
    start(browser, begin(browser), SOMEBODY_ELSE)
    assert remembered(browser) == ""


def test_a_button_forgets_it_at_once(browser: FlaskClient, provider: Provider) -> None:
    """With the means last used, and the mark of a known browser."""
    start(browser, begin(browser), SOMEBODY_ELSE, remember="1")
    browser.set_cookie("ecps_means", "CARD")
    browser.set_cookie("ecps_known", "a-mark")
    page = begin(browser)
    asked = post(browser, page, "/forget")
    assert asked.headers["Location"] == f"{page}?oubli=1"
    for name in ("ecps_identifier", "ecps_means", "ecps_known"):
        assert browser.get_cookie(name) is None
    shown = browser.get(asked.headers["Location"]).text
    assert "ne se souvient plus" in shown
    assert SOMEBODY_ELSE not in shown
    assert len(interactions(provider)) == 2  # the sign-in under way goes on


def test_an_address_alone_does_not_say_that_it_was_forgotten(browser: FlaskClient) -> None:
    start(browser, begin(browser), SOMEBODY_ELSE, remember="1")
    shown = browser.get(begin(browser) + "?oubli=1").text
    assert "ne se souvient plus" not in shown


def test_what_a_service_suggests_is_not_remembered(browser: FlaskClient) -> None:
    """`login_hint` fills the field in; the box stays as the person left it."""
    shown = browser.get(begin(browser, login_hint=SOMEBODY_ELSE)).text
    assert f'value="{SOMEBODY_ELSE}"' in shown
    assert "Oublier mon identifiant" not in shown
    assert remembered(browser) == ""
