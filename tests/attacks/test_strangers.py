"""Identifiers are public: no number of starts and tickets keeps the owner out (decision 24)."""

from pathlib import Path

import httpx
import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.worker.dispatcher import drain
from tests.attacks.helpers import browse_to_number, browser_at, sign_in_with
from tests.conftest import BASE_URL
from tests.outbox.servers import http_server
from tests.signin.helpers import add_client, begin, newest_challenge, post, returned
from tests.wallet.helpers import PERSON, PIN, enrol, mailed_qr, new_phone, outbox, sms_code
from wallet_sim.receiver import Receiver

STARTS = 80
TICKETS = 30
NETWORKS = 4


@pytest.fixture
def app(both: Provider) -> Flask:
    """Either database: what is limited is counted there."""
    return create_app(both.settings, provider=both)


@pytest.fixture(autouse=True)
def service(provider: Provider) -> None:
    add_client(provider)


def flood(app: Flask, starts: int = STARTS, networks: int = NETWORKS) -> None:
    """Strangers start sign-ins for the owner's identifier from a few networks."""
    for count in range(starts):
        browse_to_number(browser_at(app, f"198.51.100.{count % networks}"))


def test_owner_signs_in_on_a_new_browser_after_a_flood(app: Flask, tmp_path: Path) -> None:
    """Attack 23 (push bombing), decision 24: the owner opens the phone and finds the challenge."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    flood(app)
    page, number = browse_to_number(browser)
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]


def test_starts_that_come_after_the_owners_do_not_hide_it(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Attack 23 (push bombing), decision 24: while the owner reaches for the phone."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    page, number = browse_to_number(browser)
    own = newest_challenge(provider).challenge_id
    flood(app)
    waiting = phone.pending()
    assert len(waiting) == provider.settings.pending_shown
    assert [each.iat for each in waiting] == sorted((each.iat for each in waiting), reverse=True)
    (asked,) = [each for each in waiting if each.challenge_id == own]
    phone.approve(PIN, number, asked)
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_known_browser_is_shown_however_many_networks_ask(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Attack 23 (push bombing), decision 24: a known browser has a place of its own."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    assert returned(sign_in_with(browser, phone))["code"]
    page, number = browse_to_number(browser, prompt="login")
    own = newest_challenge(provider).challenge_id
    flood(app, starts=30, networks=30)
    (asked,) = [each for each in phone.pending() if each.challenge_id == own]
    phone.approve(PIN, number, asked)
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_known_browser_is_pushed_to_the_phone_in_a_flood(app: Flask, tmp_path: Path) -> None:
    """Attack 23 (push bombing), decision 24: strangers cannot spend its budget."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    assert returned(sign_in_with(browser, phone))["code"]
    with http_server() as server:
        Receiver(phone, f"http://localhost:{server.port}").subscribe()
        flood(app, starts=30)
        provider = app.extensions["ecps"]
        drain(provider, "push")
        before = len(server.requests)
        browse_to_number(browser, prompt="login")
        drain(provider, "push")
        assert len(server.requests) == before + 1


def test_a_stranger_behind_the_same_address_does_not_lock_a_known_browser_out(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Decision 24: behind a hospital's one address, a known browser has a budget of its own."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    assert returned(sign_in_with(browser, phone))["code"]
    stranger = browser_at(app)
    for _ in range(provider.settings.starts_per_address):
        post(stranger, begin(stranger), national_id=PERSON)
    assert post(stranger, begin(stranger), national_id=PERSON).status_code == 429
    page, number = browse_to_number(browser, prompt="login")
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]


def test_a_stranger_with_a_borrowed_mark_keeps_the_limit_of_the_address(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Decision 24: being known is about one person and one browser, and cannot be claimed."""
    phone, browser = enrol(app, tmp_path / "phone"), browser_at(app)
    assert returned(sign_in_with(browser, phone))["code"]
    mark = browser.get_cookie("ecps_known")
    assert mark is not None
    stranger = browser_at(app)
    stranger.set_cookie("ecps_known", mark.value)
    for _ in range(provider.settings.starts_per_address):
        post(stranger, begin(stranger), national_id=PERSON)
    assert post(stranger, begin(stranger), national_id=PERSON).status_code == 429


def test_owner_enrols_through_a_flood_of_tickets(app: Flask, tmp_path: Path) -> None:
    """Attack 36 (nuisance), decision 24: fifty tickets of strangers and two hundred starts."""
    flood(app)
    for count in range(TICKETS):
        way = httpx.WSGITransport(app=app, remote_addr=f"198.51.100.{count % NETWORKS}")
        stranger = new_phone(app, tmp_path / str(count), way)
        stranger.start_enrolment(BASE_URL, PERSON)
    assert not [message for message in outbox(app, PERSON) if message["kind"] == "sms"]
    owner = new_phone(app, tmp_path / "owner")
    owner.start_enrolment(BASE_URL, PERSON)
    owner.scan(mailed_qr(app, PERSON))
    owner.enter_sms_code(sms_code(app, PERSON))
    owner.choose_pin(PIN)
    assert returned(sign_in_with(browser_at(app), owner))["code"]
