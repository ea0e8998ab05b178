"""Activation under attack: codes, tickets, the old phone (attacks 34 to 36, 38, 41, 43)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.store.models import BrowserSession, Device, JournalEvent, Ticket
from idp.worker.dispatcher import drain
from tests.attacks.helpers import (
    Interceptor,
    browse_to_number,
    browser_at,
    send_raw,
    sign_in_with,
    state_on,
)
from tests.conftest import BASE_URL, provider_of
from tests.oauth.helpers import PROTOCOL
from tests.outbox.servers import http_server
from tests.signin.helpers import (
    CALLBACK,
    SOMEBODY_ELSE,
    add_client,
    all_of,
    authorize,
    returned,
)
from tests.wallet.helpers import (
    PERSON,
    PIN,
    advance,
    enrol,
    mailed_qr,
    new_phone,
    outbox,
    sms_code,
)
from wallet_sim.errors import (
    CodeRefused,
    DeviceInactive,
    NoAnswer,
    NotEnrolled,
    QrRefused,
    RegistrationRefused,
    TicketRefused,
    TokenRefused,
)
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

SERVICE = ("service", "secret")
REFUSED = "enrolment:sms:refused"


@pytest.fixture
def app(both: Provider) -> Flask:
    """Either database: tries and tickets are counted there."""
    add_client(both)
    return create_app(both.settings, provider=both)


def redeemed(app: Flask, home: Path, national_id: str = PERSON) -> Phone:
    """A phone that waits for its SMS code."""
    phone = new_phone(app, home, Interceptor(app))
    phone.start_enrolment(BASE_URL, national_id)
    phone.scan(mailed_qr(app, national_id))
    return phone


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06}"


def sms_of(app: Flask, national_id: str = PERSON) -> list[str]:
    sent = [message for message in outbox(app, national_id) if message["kind"] == "sms"]
    return [str(message["payload"]["code"]) for message in sent if message["payload"]["code"]]


def test_a_code_has_three_tries_and_then_the_ticket_is_dead(app: Flask, tmp_path: Path) -> None:
    """Attack 34 (guessing the SMS code)."""
    phone = redeemed(app, tmp_path / "phone")
    code = sms_code(app, PERSON)
    for by, left in ((1, 2), (2, 1), (3, 0)):
        with pytest.raises(CodeRefused) as refused:
            phone.enter_sms_code(wrong(code, by))
        assert refused.value.tries_left == left
    with pytest.raises(CodeRefused):
        phone.enter_sms_code(code)
    with pytest.raises(TokenRefused):
        phone.resend_sms()
    assert all_of(provider_of(app), Device) == []


def test_parallel_guesses_are_three_evaluations(app: Flask, tmp_path: Path) -> None:
    """Attack 34 (guessing the SMS code): twelve at one moment, the right one among the last."""
    way = Interceptor(app)
    phone = new_phone(app, tmp_path / "phone", way)
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    code = sms_code(app, PERSON)
    way.withhold("/verify")
    for by in range(1, 13):
        with pytest.raises(NoAnswer):
            phone.enter_sms_code(wrong(code, by))
    bodies = list(dict.fromkeys(way.captured))
    assert len(bodies) == 12
    (ticket,) = all_of(provider_of(app), Ticket)
    path = f"/wallet/v1/enrolments/{ticket.ticket_id}/verify"

    def guess(body: bytes) -> str:
        sent = app.test_client().post(path, data=body, content_type="application/jose")
        return str(sent.get_json()["code"])

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(guess, bodies)) == {"code_refused"}
    (ticket,) = all_of(provider_of(app), Ticket)
    assert (ticket.sms_tries, ticket.state) == (3, "dead")
    refused = [e for e in all_of(provider_of(app), JournalEvent) if e.event == REFUSED]
    assert len(refused) == 3


def test_a_reader_of_the_mailbox_gets_few_guesses_a_day(app: Flask, tmp_path: Path) -> None:
    """Attack 34 (guessing the SMS code), attack 36: new tickets bring no new codes for ever."""
    per_day = provider_of(app).settings.sms_per_day
    for count in range(per_day + 3):
        phone = redeemed(app, tmp_path / str(count))
        for _ in range(4):
            with pytest.raises(CodeRefused):
                phone.enter_sms_code(wrong(sms_code(app, PERSON), count + 1))
    tried = sum(ticket.sms_tries for ticket in all_of(provider_of(app), Ticket))
    assert len(sms_of(app)) == per_day
    assert tried == 3 * per_day


def test_the_code_of_one_ticket_opens_no_other(app: Flask, tmp_path: Path) -> None:
    """Attack 35 (code used elsewhere): another ticket, of the same person or another."""
    redeemed(app, tmp_path / "first")
    code = sms_code(app, PERSON)
    second, third = (
        redeemed(app, tmp_path / "second"),
        redeemed(app, tmp_path / "third", SOMEBODY_ELSE),
    )
    assert len({code, sms_code(app, PERSON), sms_code(app, SOMEBODY_ELSE)}) == 3
    for phone in (second, third):
        with pytest.raises(CodeRefused):
            phone.enter_sms_code(code)


def test_the_code_serves_only_the_device_key_that_began(app: Flask, tmp_path: Path) -> None:
    """Attack 35 (code used elsewhere): phished for another phone; its guesses cost no try."""
    phone = redeemed(app, tmp_path / "phone")
    code = sms_code(app, PERSON)
    (ticket,) = all_of(provider_of(app), Ticket)
    thief = new_phone(app, tmp_path / "thief")
    thief.start_enrolment(BASE_URL, SOMEBODY_ELSE)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            send_raw(thief, f"/enrolments/{ticket.ticket_id}/verify", {"code": code})
    phone.enter_sms_code(code)
    assert phone.choose_pin(PIN).national_id == PERSON


def test_a_code_lapses_and_is_worth_one_use(app: Flask, tmp_path: Path) -> None:
    """Attack 35 (code used late or twice)."""
    provider = provider_of(app)
    late = redeemed(app, tmp_path / "late")
    advance(provider, provider.settings.sms_code_lifetime.total_seconds())
    with pytest.raises(CodeRefused):
        late.enter_sms_code(sms_code(app, PERSON))
    phone = redeemed(app, tmp_path / "phone")
    code = sms_code(app, PERSON)
    phone.enter_sms_code(code)
    with pytest.raises(CodeRefused):
        phone.enter_sms_code(code)
    phone.choose_pin(PIN)


def test_a_number_is_not_flooded(app: Flask, tmp_path: Path) -> None:
    """Attack 36 (SMS flood): none before the mailbox is shown, few a day after it."""
    provider = provider_of(app)
    for count in range(3):
        way = httpx.WSGITransport(app=app, remote_addr="198.51.100.7")
        stranger = new_phone(app, tmp_path / f"stranger-{count}", way)
        stranger.start_enrolment(BASE_URL, PERSON)
        with pytest.raises(TokenRefused):
            stranger.redeem("0" * 26)
        with pytest.raises(TokenRefused):
            stranger.resend_sms()
    assert sms_of(app) == []
    for count in range(provider.settings.sms_per_day + 2):
        redeemed(app, tmp_path / f"reader-{count}")
    assert len(sms_of(app)) == provider.settings.sms_per_day
    advance(provider, 86401)
    phone = redeemed(app, tmp_path / "next day")
    phone.enter_sms_code(sms_code(app, PERSON))
    phone.choose_pin(PIN)


def test_sms_without_mail_activates_nothing(app: Flask, tmp_path: Path) -> None:
    """Attack 38 (one secret of two): whoever holds the SIM, but not the mailbox."""
    thief = new_phone(app, tmp_path / "thief")
    thief.start_enrolment(BASE_URL, PERSON)
    (ticket,) = all_of(provider_of(app), Ticket)
    for step, members in (
        ("verify", {"code": "000000"}),
        ("resend", {}),
        ("activate", {"registration": {}, "policy_version": 1, "push": None}),
    ):
        with pytest.raises((CodeRefused, TokenRefused, TicketRefused, RegistrationRefused)):
            send_raw(thief, f"/enrolments/{ticket.ticket_id}/{step}", members)
    assert sms_of(app) == []
    # An SMS that the owner caused meanwhile is read on the stolen SIM: it is of no use here.
    redeemed(app, tmp_path / "owner")
    with pytest.raises(CodeRefused):
        thief.enter_sms_code(sms_code(app, PERSON))
    assert all_of(provider_of(app), Device) == []


def test_mail_without_sms_activates_nothing(app: Flask, tmp_path: Path) -> None:
    """Attack 38 (one secret of two): whoever reads the mailbox, but has no SIM."""
    thief = redeemed(app, tmp_path / "thief")
    (ticket,) = all_of(provider_of(app), Ticket)
    with pytest.raises(NotEnrolled):
        thief.choose_pin(PIN)
    with pytest.raises((TicketRefused, RegistrationRefused)):
        send_raw(
            thief,
            f"/enrolments/{ticket.ticket_id}/activate",
            {"registration": {}, "policy_version": 1, "push": None},
        )
    assert all_of(provider_of(app), Device) == []


def test_a_mailed_qr_is_worth_one_scan_by_one_phone_in_its_time(app: Flask, tmp_path: Path) -> None:
    """Attack 38 (mail without the phone that asked): another phone, a second time, too late."""
    provider = provider_of(app)
    owner = new_phone(app, tmp_path / "owner")
    owner.start_enrolment(BASE_URL, PERSON)
    picture = mailed_qr(app, PERSON)
    photographer = new_phone(app, tmp_path / "photographer")
    photographer.start_enrolment(BASE_URL, PERSON)
    with pytest.raises(TokenRefused):
        photographer.scan(picture)
    owner.scan(picture)
    with pytest.raises(TokenRefused):
        owner.scan(picture)
    late = new_phone(app, tmp_path / "late")
    late.start_enrolment(BASE_URL, PERSON)
    advance(provider, provider.settings.mail_qr_lifetime.total_seconds() + 1)
    with pytest.raises((QrRefused, TokenRefused)):
        late.scan(mailed_qr(app, PERSON))


def test_a_revoked_phone_is_refused_at_once_and_its_sessions_end(
    app: Flask, tmp_path: Path
) -> None:
    """Attack 41 (revoked phone): polls, answers what waits, refreshes, goes on by its session."""
    provider = provider_of(app)
    old, browser, waiting = enrol(app, tmp_path / "old"), browser_at(app), browser_at(app)
    code = returned(sign_in_with(browser, old))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    tokens = browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE).get_json()
    page, number = browse_to_number(waiting)
    (asked,) = old.pending()
    new = enrol(app, tmp_path / "new")
    for act in (
        old.pending,
        old.status,
        lambda: old.approve(PIN, number, asked),
        lambda: old.refuse("cancelled", asked),
        lambda: old.subscribe_push(None),
        lambda: old.change_pin(PIN, "7913"),
    ):
        with pytest.raises(DeviceInactive):
            act()
    assert state_on(waiting, page) == "pending"
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 401
    assert [row.ended_at is None for row in all_of(provider, BrowserSession)] == [False]
    new.approve(PIN, number)
    assert returned(waiting.get(page + "/finish"))["code"]


def test_a_new_phone_is_told_to_the_old_one_and_to_the_contacts(app: Flask, tmp_path: Path) -> None:
    """Attack 43 (attacker's phone), decision 16: not before it is active, then everywhere."""
    provider = provider_of(app)
    old = enrol(app, tmp_path / "old")
    with http_server() as server:
        receiver = Receiver(old, f"http://localhost:{server.port}")
        receiver.subscribe()
        before = outbox(app, PERSON)
        thief = redeemed(app, tmp_path / "thief")
        thief.enter_sms_code(sms_code(app, PERSON))
        assert old.status().provider["state"] == "active"
        thief.choose_pin("7913")
        drain(provider, "push")
        for request in server.requests:
            headers = {name.lower(): value for name, value in request["headers"].items()}
            receiver.receive(request["body"], headers)
    assert receiver.count == 1
    with pytest.raises(DeviceInactive):
        old.pending()
    after = outbox(app, PERSON)[len(before) :]
    told = [m["kind"] for m in after if "activée" in str(m["payload"])]
    assert sorted(told) == ["mail", "sms"]
