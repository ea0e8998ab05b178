"""Limits of starts: they cost pushes and patience, never the sign-in itself (decision 24)."""

import pytest
from flask.testing import FlaskClient

from idp.networks import factor_of
from idp.provider import Provider
from idp.store.models import Challenge
from tests.signin.helpers import (
    NOBODY,
    PERSON,
    all_of,
    answer,
    begin,
    events,
    post,
    returned,
    sign_in,
    start,
    wait,
)

SUPPRESSED = "challenges:push:suppressed"


def test_too_many_starts_from_one_address_are_told_when_to_come_back(
    browser: FlaskClient, provider: Provider
) -> None:
    limit = provider.settings.starts_per_address
    for _ in range(limit):
        start(browser, begin(browser), NOBODY)
    page = begin(browser)
    for _ in range(2):
        response = post(browser, page, national_id=NOBODY)
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "60"
        assert "60 secondes" in response.text
    assert len(all_of(provider, Challenge)) == limit
    assert events(provider).count("signin:start:throttled") >= 1
    wait(provider, seconds=61)
    start(browser, page, NOBODY)


@pytest.mark.parametrize("national_id", [PERSON, NOBODY])
def test_strangers_cost_a_person_pushes_and_never_the_challenge(
    browser: FlaskClient, provider: Provider, national_id: str
) -> None:
    """Attack 23."""
    limit = provider.settings.starts_per_identifier
    for _ in range(limit):
        start(browser, begin(browser), national_id)
    before = events(provider).count(SUPPRESSED)
    page = begin(browser)
    start(browser, page, national_id)
    assert events(provider).count(SUPPRESSED) == before + 1
    answer(provider)
    assert browser.get(page + "/status").json == {"state": "approved"}


def test_a_known_browser_has_a_budget_of_its_own(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    for _ in range(20):
        start(other_browser, begin(other_browser))
    before = events(provider).count(SUPPRESSED)
    page = begin(browser, prompt="login")
    start(browser, page)
    assert events(provider).count(SUPPRESSED) == before
    answer(provider)
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_browser_cannot_claim_to_be_known(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    stolen = browser.get_cookie("ecps_known")
    assert stolen is not None
    other_browser.set_cookie("ecps_known", stolen.value)
    for _ in range(20):
        start(other_browser, begin(other_browser))
    assert events(provider).count(SUPPRESSED) > 0


def test_networks_have_factors_of_their_own() -> None:
    """A hospital stands behind one address."""
    networks = {"10.0.0.0/8": 10, "10.1.0.0/16": 50, "2001:db8::/32": 5}
    assert factor_of(networks, "10.1.2.3") == 50
    assert factor_of(networks, "10.2.2.3") == 10
    assert factor_of(networks, "192.0.2.1") == 1
    assert factor_of(networks, "2001:db8::1") == 5
