"""The means to choose among: what the service accepts and what can be carried out, no more."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.settings import Settings
from tests.attacks.helpers import number_on
from tests.cards.helpers import HOLDER, issued_card
from tests.conftest import make_settings
from tests.signin.card.helpers import LISTENER, back, show
from tests.signin.helpers import add_client, begin, post, start
from tests.wallet.helpers import PIN, enrol

TABS = re.compile(r'<li><a href="[^"]*moyen=(\w+)"( aria-current="page")?>')


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER)


def tabs_of(browser: FlaskClient, address: str) -> list[str]:
    """The tabs in their order; the open one is marked by a star."""
    shown = browser.get(address).text
    return [name + ("*" if is_open else "") for name, is_open in TABS.findall(shown)]


def test_a_means_that_the_service_refuses_has_no_tab(
    browser: FlaskClient, provider: Provider
) -> None:
    """Decision 7: what a client demands is not to be chosen away."""
    add_client(provider, "by-card", means=["CARD"])
    page = begin(browser, client_id="by-card")
    assert tabs_of(browser, page) == []
    shown = browser.get(page + "?moyen=telephone").text
    assert "Utiliser ma carte CPS" in shown
    assert 'name="national_id"' not in shown


def test_a_tab_that_nobody_offers_opens_the_first(browser: FlaskClient) -> None:
    page = begin(browser)
    assert tabs_of(browser, page + "?moyen=empreinte") == ["telephone*", "carte"]


def test_a_tab_is_a_link_that_opens_one_means_alone(browser: FlaskClient) -> None:
    """Decision 14: no script is needed; one primary action a tab."""
    page = begin(browser)
    assert tabs_of(browser, page) == ["telephone*", "carte"]
    assert tabs_of(browser, page + "?moyen=carte") == ["telephone", "carte*"]
    for tab in ("telephone", "carte"):
        shown = browser.get(f"{page}?moyen={tab}").text
        assert shown.count('class="primary"') == 1


def test_the_means_last_used_in_this_browser_comes_first(
    browser: FlaskClient, app: Flask, provider: Provider, tmp_path: Path
) -> None:
    card = issued_card(provider, HOLDER)
    reader = app.test_client(use_cookies=False)
    page = begin(browser)
    browser.get(back(show(reader, page, card.der)))
    again = begin(browser, prompt="login")
    assert tabs_of(browser, again) == ["carte*", "telephone"]
    phone = enrol(app, tmp_path / "phone")
    start(browser, again)
    phone.approve(PIN, number_on(browser, again))
    browser.get(again + "/finish")
    assert tabs_of(browser, begin(browser, prompt="login")) == ["telephone*", "carte"]


def test_the_form_of_a_card_that_the_service_refuses_leads_nowhere(
    browser: FlaskClient, provider: Provider
) -> None:
    add_client(provider, "by-phone", means=["MOBILE"])
    page = begin(browser, client_id="by-phone")
    browser.get(page)
    assert post(browser, page, "/card").headers["Location"] == page


def test_a_form_may_lead_to_the_card_and_to_nowhere_else(browser: FlaskClient) -> None:
    """Decision 14: `form-action` names the card's listener on its own tab alone."""
    page = begin(browser)
    by_card = browser.get(page + "?moyen=carte").headers["Content-Security-Policy"]
    assert f"form-action 'self' https://service.test {LISTENER};" in by_card
    by_phone = browser.get(page).headers["Content-Security-Policy"]
    assert LISTENER not in by_phone


def test_a_shared_workstation_is_told_before_the_card_is_shown(
    browser: FlaskClient, app: Flask, provider: Provider
) -> None:
    """The card's listener has none of the browser's cookies: the choice is kept here."""
    card = issued_card(provider, HOLDER)
    reader = app.test_client(use_cookies=False)
    page = begin(browser)
    asked = post(browser, page, "/card", public_workstation="1")
    assert asked.headers["Location"] == f"{LISTENER}/card/{page.rpartition('/')[2]}"
    post(browser, page, "/card")
    browser.get(back(show(reader, page, card.der)))
    assert browser.get_cookie("ecps_session") is None
    assert browser.get_cookie("ecps_means") is None
