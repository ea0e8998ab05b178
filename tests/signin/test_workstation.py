"""A shared workstation: the sign-in goes through, and nothing of it stays in the browser."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.provider import Provider
from tests.attacks.helpers import FIREFOX, browse_to_number, number_on
from tests.signin.helpers import (
    CALLBACK,
    PERSON,
    SOMEBODY_ELSE,
    add_client,
    authorize,
    begin,
    events,
    live_sessions,
    post,
    returned,
    start,
)
from tests.wallet.helpers import PIN, enrol
from wallet_sim.phone import Phone

BOX = {"public_workstation": "1"}
KEPT = ("ecps_session", "ecps_identifier", "ecps_known", "ecps_means")


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return enrol(app, tmp_path / "phone")


def sign_in(
    browser: FlaskClient, phone: Phone, *, shared: bool = True, **changes: str
) -> TestResponse:
    """A whole sign-in by page and phone, on a shared workstation or not."""
    page = begin(browser, **changes)
    start(browser, page, **(BOX if shared else {}))
    phone.approve(PIN, number_on(browser, page))
    return browser.get(page + "/finish")


def redeem(program: FlaskClient, **form: str) -> dict[str, Any]:
    """What the service is given at the token endpoint."""
    address = "/auth/realms/esante-wallet/protocol/openid-connect/token"
    answer = program.post(address, data=form, auth=("service", "secret"))
    assert answer.status_code == 200, answer.text
    given: dict[str, Any] = answer.get_json()
    return given


def kept_by(browser: FlaskClient) -> set[str]:
    """What the browser holds that would tell of a person."""
    return {name for name in KEPT if browser.get_cookie(name) is not None}


def test_the_browser_keeps_no_session_and_nothing_of_the_person(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Issue: "poste partagé"; decision 24: no mark of a known browser either."""
    assert returned(sign_in(browser, phone))["code"]
    assert kept_by(browser) == set()
    (session,) = live_sessions(provider)
    assert session.public_workstation
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"


def test_nobody_after_enters_a_second_service(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Decision 13 asks for a confirmation; here there is nobody to ask."""
    add_client(provider, "second")
    sign_in(browser, phone)
    silent = returned(authorize(browser, client_id="second", prompt="none"))
    assert silent["error"] == "login_required"
    shown = browser.get(begin(browser, client_id="second")).text
    assert 'name="national_id" type="text" value=""' in shown


def test_what_the_browser_remembered_before_is_forgotten(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """The session that stood in the browser ends, as that of another person would."""
    page = begin(browser)
    start(browser, page, remember="1")
    phone.approve(PIN, number_on(browser, page))
    browser.get(page + "/finish")
    assert kept_by(browser) == set(KEPT)
    (before,) = live_sessions(provider)
    sign_in(browser, phone, prompt="login")
    assert kept_by(browser) == set()
    (after,) = live_sessions(provider)
    assert after.sid != before.sid


def test_the_identifier_is_not_remembered_though_it_is_asked(browser: FlaskClient) -> None:
    start(browser, begin(browser), remember="1", **BOX)
    assert browser.get_cookie("ecps_identifier") is None


def test_another_tab_does_not_take_it_back(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """No form of the same sign-in takes it back: neither while it runs nor begun anew."""
    page = begin(browser)
    start(browser, page, **BOX)
    start(browser, page)
    assert post(browser, page, "/restart").status_code == 303
    assert "Poste partagé : ce navigateur ne gardera rien" in browser.get(page).text
    start(browser, page)
    phone.approve(PIN, number_on(browser, page))
    browser.get(page + "/finish")
    assert kept_by(browser) == set()
    assert live_sessions(provider)[0].public_workstation


def test_another_tab_may_still_ask_for_it(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    page, number = browse_to_number(browser)
    start(browser, page, **BOX)
    phone.approve(PIN, number)
    browser.get(page + "/finish")
    assert kept_by(browser) == set()


def test_the_same_device_way_leaves_nothing_either(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Decision 25: the phone's secret finishes in this browser, and the choice holds."""
    page = begin(browser)
    start(browser, page, same_device="1", **BOX)
    told = phone.approve(PIN, number_on(browser, page))
    finished = browser.get(f"{page}/finish?completion={told.completion}")
    assert returned(finished)["code"]
    assert kept_by(browser) == set()


def test_the_services_tokens_live_as_long_as_any(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """The session is there for the service that was signed in to."""
    code = returned(sign_in(browser, phone))["code"]
    tokens = redeem(browser, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    again = redeem(browser, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert again["access_token"]


def test_the_pages_that_follow_find_the_session_without_a_cookie(
    browser: FlaskClient, other_browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Consent is asked after the sign-in: in the browser that began, and in no other."""
    page = begin(browser, prompt="consent")
    start(browser, page, **BOX)
    phone.approve(PIN, number_on(browser, page))
    assert browser.get(page + "/finish").headers["Location"] == page
    assert kept_by(browser) == set()
    assert "confirmez-vous" in browser.get(page).text
    assert other_browser.get(page).status_code == 403
    sid = live_sessions(provider)[0].sid
    assert returned(post(browser, page, "/confirm", sid=sid, answer="confirm"))["code"]
    assert browser.get(page).status_code == 410


@pytest.mark.parametrize("left_by", ["/abandon", "/confirm", "/another"])
def test_a_sign_in_given_up_leaves_no_session_that_nobody_can_end(
    browser: FlaskClient, phone: Phone, provider: Provider, left_by: str
) -> None:
    page = begin(browser, prompt="consent")
    start(browser, page, **BOX)
    phone.approve(PIN, number_on(browser, page))
    browser.get(page + "/finish")
    sid = live_sessions(provider)[0].sid
    left = post(browser, page, left_by, sid=sid, answer="reject")
    assert live_sessions(provider) == []
    if left_by == "/another":
        assert "ne gardera rien" in browser.get(left.headers["Location"]).text


def test_another_person_at_the_same_workstation_has_no_part_in_it(
    browser: FlaskClient, phone: Phone, app: Flask, tmp_path: Path, provider: Provider
) -> None:
    """Each on their own: the second sign-in neither finds nor ends the first."""
    sign_in(browser, phone)
    other = enrol(app, tmp_path / "other", SOMEBODY_ELSE)
    page = begin(browser)
    start(browser, page, SOMEBODY_ELSE, **BOX)
    other.approve(PIN, number_on(browser, page))
    assert returned(browser.get(page + "/finish"))["code"]
    assert {one.national_id for one in live_sessions(provider)} == {PERSON, SOMEBODY_ELSE}


def test_a_service_that_lives_by_the_browsers_session_is_not_offered_it(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """The portal takes no tokens: it would know nobody. A forged box changes nothing."""
    add_client(provider, "pages", options={"grant_types": []})
    page = begin(browser, client_id="pages")
    assert "public_workstation" not in browser.get(page).text
    start(browser, page, **BOX)
    phone.approve(PIN, number_on(browser, page))
    browser.get(page + "/finish")
    assert "ecps_session" in kept_by(browser)
    assert not live_sessions(provider)[0].public_workstation


def test_an_identifier_that_is_not_correct_keeps_the_box_as_it_was(browser: FlaskClient) -> None:
    """RGAA 11.10: what was chosen is not lost, nor is it settled before the sign-in begins."""
    page = begin(browser)
    told = post(browser, page, national_id="12", **BOX)
    assert 'name="public_workstation" type="checkbox" value="1" checked' in told.text
    assert "Poste partagé" not in browser.get(page).text


def test_a_session_knows_in_no_language_where_it_began(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Decision 29: who reads of it later may read another language."""
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(browser, phone, shared=False)
    (session,) = live_sessions(provider)
    assert session.browser == "Firefox/Windows"
    assert session.place == ""
    assert not session.public_workstation
    assert "signin:session:opened" in events(provider)
