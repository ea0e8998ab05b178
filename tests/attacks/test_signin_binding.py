"""Who may decide and finish a sign-in, and until when (attacks 29 to 31)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.store.models import BrowserSession, Challenge
from tests.attacks.helpers import (
    Interceptor,
    browse_to_number,
    browser_at,
    number_on,
    send_raw,
    sign_in_with,
    state_on,
)
from tests.signin.helpers import (
    PERSON,
    SOMEBODY_ELSE,
    add_client,
    all_of,
    authorize,
    begin,
    events,
    live_sessions,
    post,
    request_of,
    returned,
    start,
    token_in,
    wait,
)
from tests.wallet.helpers import PIN, enrol
from wallet_sim.errors import ChallengeClosed, DocumentRefused, NotRecognised
from wallet_sim.phone import Phone

Ending = Callable[[FlaskClient, str, Phone, Provider], object]

ENDINGS: dict[str, Ending] = {
    "expired": lambda _browser, _page, _phone, provider: wait(provider, seconds=61),
    "cancelled": lambda browser, page, _phone, _provider: post(browser, page, "/restart"),
    "abandoned": lambda browser, page, _phone, _provider: post(browser, page, "/abandon"),
    "refused": lambda _browser, _page, phone, _provider: phone.refuse("cancelled"),
    "disowned": lambda _browser, _page, phone, _provider: phone.refuse("unknown_trigger"),
}


@pytest.fixture(autouse=True)
def service(provider: Provider) -> None:
    add_client(provider)


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return enrol(app, tmp_path / "phone")


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_approved_after_its_end(
    browser: FlaskClient, phone: Phone, provider: Provider, ending: str
) -> None:
    """Attack 29 (late approval): after expiry, cancellation, refusal, the page given up."""
    page, number = browse_to_number(browser)
    (asked,) = phone.pending()
    ENDINGS[ending](browser, page, phone, provider)
    assert phone.pending() == []
    with pytest.raises((ChallengeClosed, DocumentRefused)):
        phone.approve(PIN, number, asked)
    assert live_sessions(provider) == []
    assert "code=" not in browser.get(page + "/finish").headers.get("Location", "")
    assert phone.status().provider["failures_since_success"] == 0
    assert all_of(provider, BrowserSession) == []


def test_an_approval_whose_browser_was_closed_lapses(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Attack 29 (late approval): nobody came back for it in time."""
    page, number = browse_to_number(browser)
    phone.approve(PIN, number)
    wait(provider, seconds=provider.settings.finish_grace.total_seconds() + 1)
    assert browser.get(page + "/finish").headers["Location"] == page
    assert state_on(browser, page) == "expired"
    assert all_of(provider, BrowserSession) == []


def test_an_approval_is_worth_one_finish(
    browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Attack 29 (late approval): the same page a second time gives nothing."""
    page, number = browse_to_number(browser)
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]
    assert browser.get(page + "/finish").status_code == 410
    assert len(live_sessions(provider)) == 1


def test_a_stranger_cannot_refuse_for_the_owner(
    app: Flask, browser: FlaskClient, phone: Phone, tmp_path: Path
) -> None:
    """Attack 30 (forged refusal): another person's phone, and one that nobody knows."""
    page, number = browse_to_number(browser)
    (asked,) = phone.pending()
    stranger = enrol(app, tmp_path / "stranger", SOMEBODY_ELSE)
    for reason in ("cancelled", "unknown_trigger"):
        with pytest.raises(ChallengeClosed):
            send_raw(stranger, f"/challenges/{asked.challenge_id}/refuse", {"reason": reason})
    address = f"/wallet/v1/challenges/{asked.challenge_id}/refuse"
    unsigned = browser.post(
        address, data=b'{"reason":"cancelled"}', content_type="application/jose"
    )
    assert unsigned.status_code == 401
    assert browser.post(address, json={"reason": "cancelled"}).status_code == 415
    assert state_on(browser, page) == "pending"
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]


def test_it_was_not_me_cannot_be_turned_into_a_mere_no(
    app: Flask, browser: FlaskClient, tmp_path: Path, provider: Provider
) -> None:
    """Attack 30 (downgraded alert): the reason stands inside the signature."""
    way = Interceptor(app)
    phone = enrol(app, tmp_path / "phone", transport=way)
    page, _number = browse_to_number(browser)
    way.change_requests("/refuse", reason="cancelled")
    with pytest.raises(NotRecognised):
        phone.refuse("unknown_trigger")
    assert state_on(browser, page) == "pending"
    way.leave()
    phone.refuse("unknown_trigger")
    assert [row.state for row in all_of(provider, Challenge)] == ["not_me"]
    assert state_on(browser, page) == "not_me"
    assert "challenges:challenge:disowned" in events(provider)
    assert "challenges:challenge:refused" not in events(provider)


def test_another_browser_with_the_address_gets_nothing(
    app: Flask, browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Attack 31 (another browser finishes): page, status, every form, and the finish itself."""
    thief = browser_at(app)
    page, number = browse_to_number(browser)
    own = {"csrf_token": token_in(thief.get(begin(thief)))}
    phone.approve(PIN, number)
    for path in ("", "/status", "/finish"):
        assert thief.get(page + path).status_code == 403
    for path in ("", "/finish", "/resend", "/restart", "/abandon", "/proceed", "/confirm"):
        refused = thief.post(page + path, data=own | {"national_id": PERSON})
        assert refused.status_code == 403, path
        # Drawings and the page's reference hold any two digits now and then.
        words = re.sub(r"<[^>]*>", " ", refused.text).split()
        assert number not in words
    assert all_of(provider, BrowserSession) == []
    assert returned(browser.get(page + "/finish"))["code"]
    assert returned(authorize(thief, prompt="none"))["error"] == "login_required"


def test_a_request_posted_by_another_site_belongs_to_the_first_browser_that_opens_it(
    app: Flask, browser: FlaskClient, phone: Phone
) -> None:
    """Attack 31 (session fixation): whoever prepared the address cannot watch or finish it."""
    preparing = app.test_client(use_cookies=False)
    page = preparing.post("/auth", data=request_of()).headers["Location"]
    assert browser.get(page).status_code == 200
    attacker = browser_at(app)
    assert attacker.get(page).status_code == 403
    start(browser, page)
    (asked,) = phone.pending()
    phone.approve(PIN, number_on(browser, page), asked)
    for path in ("/status", "/finish"):
        assert attacker.get(page + path).status_code == 403
        assert preparing.get(page + path).status_code == 403
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_session_cookie_planted_before_the_sign_in_opens_nothing_after_it(
    app: Flask, browser: FlaskClient, phone: Phone, provider: Provider, tmp_path: Path
) -> None:
    """Attack 31 (session fixation): the cookie is new at each authentication."""
    attacker = browser_at(app)
    other = enrol(app, tmp_path / "attacker", SOMEBODY_ELSE)
    assert returned(sign_in_with(attacker, other, SOMEBODY_ELSE))["code"]
    planted = attacker.get_cookie("ecps_session")
    assert planted is not None
    browser.set_cookie("ecps_session", planted.value)
    assert returned(sign_in_with(browser, phone, prompt="login"))["code"]
    assert [session.national_id for session in live_sessions(provider)] == [PERSON]
    assert returned(authorize(attacker, prompt="none"))["error"] == "login_required"


def test_a_same_device_link_sent_to_somebody_else_finishes_nothing(
    app: Flask, browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Attack 31 (sent link), decision 25: the phone's secret and the first browser's cookie."""
    attacker, victim = browser_at(app), browser
    page, number = browse_to_number(attacker, same_device="1")
    (asked,) = phone.pending()
    assert asked.same_device
    approved = phone.approve(PIN, number, asked)
    assert approved.completion
    # The victim's phone brings the secret to the victim's browser, which began nothing.
    brought = victim.get(page + "/finish", query_string={"completion": approved.completion})
    assert brought.status_code == 403
    # The attacker's browser began, but the secret is on the victim's phone.
    assert attacker.get(page + "/finish").headers["Location"] == page
    for guess in ("", "AAAA", "A" * 43, asked.challenge_id):
        answer = attacker.get(page + "/finish", query_string={"completion": guess})
        assert "code=" not in answer.headers.get("Location", "")
    assert all_of(provider, BrowserSession) == []


def test_the_secret_of_one_approval_finishes_no_other(
    app: Flask, browser: FlaskClient, phone: Phone, provider: Provider
) -> None:
    """Attack 31 (sent link), decision 25: one secret, one challenge, once."""
    attacker = browser_at(app)
    page, number = browse_to_number(browser, same_device="1")
    own = phone.approve(PIN, number)
    assert returned(browser.get(f"{page}/finish?completion={own.completion}"))["code"]
    theirs, number = browse_to_number(attacker, same_device="1")
    phone.approve(PIN, number)
    answer = attacker.get(f"{theirs}/finish?completion={own.completion}")
    assert answer.status_code == 400
    assert len(live_sessions(provider)) == 1
