"""The SMS code (EC-04, EC-21; decisions 8, 17, 24; attacks 34 to 36)."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.store.models import JournalEvent, Ticket
from idp.store.world import move_clock
from tests.conftest import make_settings
from tests.enrolment.helpers import (
    KNOWN_MAIL,
    KNOWN_MOBILE,
    OTHER,
    OTHER_MOBILE,
    UNKNOWN,
    Handset,
    handset,
    last_code,
    last_token,
    outbox,
    wrong,
)


def advance(phone: Handset, seconds: float) -> None:
    with phone.provider.store.begin() as db:
        move_clock(db, timedelta(seconds=seconds))
    with phone.provider.store.read() as db:
        phone.provider.synchronise_clock(db)


def state_of(phone: Handset) -> str:
    with phone.provider.store.read() as db:
        ticket = db.get(Ticket, phone.ticket)
    assert ticket is not None
    return ticket.state


def test_three_wrong_codes_kill_the_ticket(phone: Handset) -> None:
    """Attack 34: the right code comes too late then."""
    phone.redeemed()
    code = last_code(phone.client)
    left = []
    for by in (1, 2, 3):
        answer = phone.step("verify", code=wrong(code, by))
        assert (answer.status_code, answer.get_json()["code"]) == (403, "code_refused")
        left.append(answer.get_json()["tries_left"])
    assert left == [2, 1, 0]
    assert state_of(phone) == "dead"
    refused = phone.step("verify", code=code).get_json()
    assert (refused["code"], refused["tries_left"]) == ("code_refused", 0)
    assert phone.step("resend").get_json()["code"] == "token_refused"


def test_parallel_guesses_are_counted_each(both: Provider) -> None:
    """Attack 34: many at once get three evaluations, no more."""
    app = create_app(both.settings, provider=both)
    phone = handset(app)
    phone.redeemed()
    code = last_code(phone.client)
    path = f"/wallet/v1/enrolments/{phone.ticket}/verify"
    bodies = [phone.sign(path, code=wrong(code, by)) for by in range(1, 10)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda body: app.test_client().post(
                    path, data=body, content_type="application/jose"
                ),
                bodies,
            )
        )
    assert {answer.get_json()["code"] for answer in answers} == {"code_refused"}
    with both.store.read() as db:
        refused = db.query(JournalEvent).filter_by(event="enrolment:sms:refused").count()
        ticket = db.get(Ticket, phone.ticket)
    assert ticket is not None
    assert (refused, ticket.sms_tries, ticket.state) == (3, 3, "dead")


def test_the_right_code_is_accepted_once_of_many_at_one_moment(both: Provider) -> None:
    """Attacks 34 and 35: single use is one conditional update."""
    app = create_app(both.settings, provider=both)
    phone = handset(app)
    phone.redeemed()
    path = f"/wallet/v1/enrolments/{phone.ticket}/verify"
    bodies = [phone.sign(path, code=last_code(phone.client)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(
            pool.map(
                lambda body: (
                    app.test_client()
                    .post(path, data=body, content_type="application/jose")
                    .status_code
                ),
                bodies,
            )
        )
    assert statuses.count(200) == 1
    assert set(statuses) == {200, 403}


def test_the_same_bytes_at_one_moment_get_the_same_answer(both: Provider) -> None:
    """Protocol, section 2: a repeated request takes no second try."""
    app = create_app(both.settings, provider=both)
    phone = handset(app)
    phone.redeemed()
    path = f"/wallet/v1/enrolments/{phone.ticket}/verify"
    body = phone.sign(path, code=wrong(last_code(phone.client)))
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda _n: app.test_client().post(path, data=body, content_type="application/jose"),
                range(6),
            )
        )
    assert {answer.get_json()["tries_left"] for answer in answers} == {2}


def test_the_code_of_one_ticket_is_of_no_use_for_another(
    phone: Handset, other_phone: Handset
) -> None:
    """Attack 35."""
    phone.redeemed()
    other_phone.start(OTHER)
    token = last_token(other_phone.client, "anatole.briselame@exemple.test")
    assert other_phone.step("redeem", token=token).status_code == 200
    code, others = last_code(phone.client), last_code(other_phone.client, OTHER_MOBILE)
    assert code != others
    assert other_phone.step("verify", code=code).get_json()["code"] == "code_refused"


def test_the_code_holds_for_the_device_key_that_began(phone: Handset, other_phone: Handset) -> None:
    """Attack 35: and a stranger's tries cost the owner none."""
    phone.redeemed()
    code = last_code(phone.client)
    other_phone.ticket = phone.ticket
    for _ in range(5):
        assert other_phone.step("verify", code=code).get_json()["code"] == "code_refused"
    assert phone.step("verify", code=code).status_code == 200


def test_the_code_lapses_after_five_minutes(phone: Handset) -> None:
    """Attack 35, decision 8."""
    phone.redeemed()
    advance(phone, 300)
    answer = phone.step("verify", code=last_code(phone.client))
    assert answer.get_json()["code"] == "code_refused"


def test_the_code_is_of_no_use_twice(phone: Handset) -> None:
    """Attack 35."""
    phone.redeemed()
    code = last_code(phone.client)
    assert phone.step("verify", code=code).status_code == 200
    assert phone.step("verify", code=code).get_json()["code"] == "code_refused"


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "1" * 17, 123456])
def test_what_is_no_code_is_refused(phone: Handset, typed: object) -> None:
    phone.redeemed()
    assert phone.step("verify", code=typed).status_code in (400, 403)


def test_a_new_code_kills_the_one_before_and_keeps_the_tries(phone: Handset) -> None:
    """phone-and-pin 4."""
    phone.redeemed()
    first = last_code(phone.client)
    assert phone.step("verify", code=wrong(first)).get_json()["tries_left"] == 2
    advance(phone, 30)
    assert phone.step("resend").get_json()["sms"]["tries"] == 2
    second = last_code(phone.client)
    assert first != second
    assert phone.step("verify", code=first).get_json()["tries_left"] == 1
    assert phone.step("verify", code=second).status_code == 200


def test_sendings_wait_longer_each_time_and_end(phone: Handset) -> None:
    """phone-and-pin 4: 30, 60 s, three in all."""
    sms = phone.redeemed()
    early = phone.step("resend")
    assert (early.status_code, early.get_json()["code"]) == (429, "wait")
    assert early.get_json()["retry_at"] == sms["resend_at"]
    advance(phone, 30)
    second = phone.step("resend").get_json()["sms"]
    assert abs(second["resend_at"] - phone.provider.clock.timestamp() - 60) <= 2
    advance(phone, 60)
    assert phone.step("resend").status_code == 200
    advance(phone, 600)
    assert phone.step("resend").get_json()["code"] == "wait"
    assert len(outbox(phone.client, KNOWN_MOBILE)) == 3


def test_a_flooded_number_gets_five_sms_a_day(app: Flask) -> None:
    """Attack 36: the message is suppressed and the wait told; the ticket stays good."""
    told = []
    for _ in range(7):
        phone = handset(app)
        told.append(phone.redeemed())
    assert len(outbox(phone.client, KNOWN_MOBILE)) == 5
    now = phone.provider.clock.timestamp()
    assert told[-1]["resend_at"] > now + 80000
    refused = phone.step("resend").get_json()
    assert (refused["code"], refused["retry_at"]) == ("wait", told[-1]["resend_at"])
    advance(phone, 86401)
    later = handset(app)
    later.redeemed()
    assert later.step("verify", code=last_code(later.client)).status_code == 200


def test_strangers_cannot_use_up_the_sms_of_a_number(app: Flask) -> None:
    """Decision 24: an SMS goes out only after the mailbox was shown."""
    stranger = handset(app)
    for _ in range(8):
        stranger.start()
        stranger.step("redeem", token=secrets.token_hex(13))
    owner = handset(app)
    owner.redeemed()
    assert len(outbox(owner.client, KNOWN_MOBILE)) == 1


def test_the_sms_names_service_and_purpose_and_binds_the_code_to_the_host(
    phone: Handset,
) -> None:
    """phone-and-pin 4: no link, last line `@domain #code`."""
    phone.redeemed()
    text = outbox(phone.client, KNOWN_MOBILE)[-1]["payload"]["text"]
    code = last_code(phone.client)
    assert text.startswith(phone.provider.settings.service_name)
    assert "activer votre e-CPS" in text
    assert "Ne communiquez jamais ce code" in text
    assert text.rstrip().splitlines()[-1] == f"@localhost #{code}"
    assert "http" not in text


def test_the_database_holds_no_code(phone: Handset) -> None:
    """Attack 13: the secret is sealed, and gone once the code was accepted."""
    phone.redeemed()
    code = last_code(phone.client)
    with phone.provider.store.read() as db:
        ticket = db.get(Ticket, phone.ticket)
        assert ticket is not None
        assert code.encode() not in repr(vars(ticket)).encode()
        events = [repr(event.data) for event in db.query(JournalEvent)]
    assert not any(code in data for data in events)
    phone.step("verify", code=code)
    with phone.provider.store.read() as db:
        ticket = db.get(Ticket, phone.ticket)
    assert ticket is not None
    assert ticket.sms_secret_sealed is None


def test_sms_alone_activates_only_by_setting_and_tells_nobody_apart(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 17: `sms_only_enrolment`, a simulation's."""
    app = create_app(make_settings(sqlite_url, master_key, sms_only_enrolment=True))
    known, unknown = handset(app), handset(app)
    started, nobody = known.start().get_json(), unknown.start(UNKNOWN).get_json()
    assert started["sms"] == nobody["sms"] | {
        name: started["sms"][name] for name in ("expires_at", "resend_at")
    }
    assert started["sms"]["hint"] == "** ** ** **"
    assert unknown.step("verify", code="000000").get_json()["tries_left"] == 2
    assert outbox(known.client, KNOWN_MAIL) == []
    assert known.step("verify", code=last_code(known.client)).status_code == 200
