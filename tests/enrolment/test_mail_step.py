"""Redeeming the mailed token (decision 17, attacks 37 and 38)."""

from datetime import timedelta

import pytest

from idp.store.models import Ticket
from idp.store.people import write_correction
from idp.store.world import move_clock
from tests.enrolment.helpers import (
    KNOWN_MOBILE,
    Handset,
    last_token,
    outbox,
    wrong,
)


def advance(phone: Handset, by: timedelta) -> None:
    with phone.provider.store.begin() as db:
        move_clock(db, by)
    phone.client.get("/dev/v1/clock")


@pytest.mark.parametrize("token", ["0" * 26, "", "é" * 26, "x"])
def test_a_wrong_token_sends_no_sms(phone: Handset, token: str) -> None:
    phone.start()
    assert phone.step("redeem", token=token).status_code in (400, 403)
    assert outbox(phone.client, KNOWN_MOBILE) == []


def test_a_token_holds_for_the_device_key_that_began(phone: Handset, other_phone: Handset) -> None:
    """Attack 37: a photo of the QR is of no use to another phone, nor does it spend it."""
    phone.start()
    token = last_token(phone.client)
    other_phone.ticket = phone.ticket
    assert other_phone.step("redeem", token=token).get_json()["code"] == "token_refused"
    assert phone.step("redeem", token=token).status_code == 200


def test_a_token_holds_for_its_own_ticket(phone: Handset, other_phone: Handset) -> None:
    phone.start()
    token = last_token(phone.client)
    other_phone.start()
    assert other_phone.step("redeem", token=token).get_json()["code"] == "token_refused"


def test_a_token_is_spent_once(phone: Handset) -> None:
    phone.start()
    token = last_token(phone.client)
    assert phone.step("redeem", token=token).status_code == 200
    assert phone.step("redeem", token=token).get_json()["code"] == "token_refused"
    assert len(outbox(phone.client, KNOWN_MOBILE)) == 1


def test_a_token_lapses_after_15_minutes(phone: Handset) -> None:
    """Decision 8."""
    phone.start()
    token = last_token(phone.client)
    advance(phone, timedelta(minutes=15))
    assert phone.step("redeem", token=token).status_code in (401, 403)
    phone.provider.clock.synchronise(timedelta(minutes=15))
    assert phone.step("redeem", token=token).get_json()["code"] == "token_refused"


def test_the_token_may_be_typed_in_any_shape(phone: Handset) -> None:
    phone.start()
    token = last_token(phone.client)
    typed = "-".join(token[i : i + 4] for i in range(0, 26, 4)).lower().replace("0", "o")
    assert phone.step("redeem", token=typed.replace("1", "l")).status_code == 200


def test_a_struck_off_person_is_stopped_between_start_and_redeem(phone: Handset) -> None:
    """EC-01."""
    phone.start()
    token = last_token(phone.client)
    with phone.provider.store.begin() as db:
        write_correction(
            db,
            national_id="899700990015",
            struck_off=True,
            civil_identity=None,
            now=phone.provider.clock.now(),
        )
    assert phone.step("redeem", token=token).get_json()["code"] == "token_refused"


def test_the_database_holds_no_token(phone: Handset) -> None:
    """Attack 13: hashes and sealed bytes only."""
    phone.start()
    token = last_token(phone.client)
    with phone.provider.store.read() as db:
        ticket = db.get(Ticket, phone.ticket)
    assert ticket is not None
    assert token.encode() not in repr(vars(ticket)).encode()
    assert len(ticket.mail_token_hash or b"") == 32


def test_the_answer_shows_two_digits_of_the_number(phone: Handset) -> None:
    """EC-02."""
    sms = phone.redeemed()
    now = phone.provider.clock.timestamp()
    assert sms["hint"] == "** ** ** 01"
    assert sms["tries"] == 3
    assert abs(sms["expires_at"] - now - 300) <= 2
    assert abs(sms["resend_at"] - now - 30) <= 2


def test_a_lost_answer_is_given_again_and_sends_no_second_sms(phone: Handset) -> None:
    """Protocol, section 2."""
    phone.start()
    path = f"/wallet/v1/enrolments/{phone.ticket}/redeem"
    body = phone.sign(path, token=last_token(phone.client))
    first, again = phone.send(path, body), phone.send(path, body)
    assert first.status_code == again.status_code == 200
    assert first.get_json() == again.get_json()
    assert len(outbox(phone.client, KNOWN_MOBILE)) == 1


def test_an_sms_without_the_mail_never_activates(phone: Handset) -> None:
    """Attack 38."""
    phone.start()
    for code in ("000000", wrong("000000")):
        assert phone.step("verify", code=code).get_json()["code"] == "code_refused"
    assert phone.step("activate", registration={}).get_json()["code"] == "ticket_refused"


def test_a_stranger_learns_nothing_about_a_ticket(phone: Handset, other_phone: Handset) -> None:
    phone.start()
    for ticket in (phone.ticket, "inconnu"):
        other_phone.ticket = ticket
        codes = [
            other_phone.step(step).get_json()["code"]
            for step in ("redeem", "resend", "verify", "activate")
        ]
        assert codes == ["token_refused", "token_refused", "code_refused", "ticket_refused"]
