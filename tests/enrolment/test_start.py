"""Starting an activation by identifier (EC-01 to EC-03, EC-26, EC-30; decisions 17, 24, 41)."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.store.models import Contact, JournalEvent, OutboxMessage, Ticket
from idp.store.people import replace_contact
from idp.store.world import move_clock
from tests.conftest import make_settings
from tests.enrolment.helpers import (
    ADELI,
    DEV,
    KNOWN,
    KNOWN_MAIL,
    KNOWN_MOBILE,
    NO_MAIL,
    NO_MOBILE,
    STRUCK_OFF,
    UNKNOWN,
    Handset,
    handset,
    last_token,
    outbox,
    statements,
)
from tests.wallet.helpers import advance

EVERYBODY = [KNOWN, UNKNOWN, STRUCK_OFF, NO_MOBILE, NO_MAIL, ADELI]


@pytest.mark.parametrize(
    "typed", ["", "abc", "8997009900", "899700990016", "8" * 200, "89970099001\x005", 12, None]
)
def test_what_is_no_identifier_is_refused_before_anything_is_written(
    phone: Handset, typed: object
) -> None:
    """EC-30."""
    answer = phone.post("/wallet/v1/enrolments", national_id=typed, name="Téléphone")
    assert answer.status_code in (400, 401)
    with phone.provider.store.read() as db:
        assert db.query(Ticket).count() == 0


def test_the_missing_8_gets_the_helpful_error_in_both_languages(phone: Handset) -> None:
    """EC-03, EC-30."""
    body = phone.sign("/wallet/v1/enrolments", national_id=KNOWN[1:], name="Téléphone")
    answer = phone.send("/wallet/v1/enrolments", body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["code"] == "identifier_lacks_type"
    assert answer.get_json()["suggestion"] == KNOWN
    assert "Ajoutez 8" in answer.get_json()["detail"]


@pytest.mark.parametrize("typed", [KNOWN, " 8 99700 990015 ", "8.997.009.900.15"])
def test_every_way_of_writing_the_identifier_leads_to_the_same_person(
    phone: Handset, typed: str
) -> None:
    """EC-03."""
    assert phone.start(typed).status_code == 202
    assert len(outbox(phone.client, KNOWN_MAIL)) == 1


def test_nobodys_answer_tells_whether_the_person_exists(app: Flask) -> None:
    """Decisions 17 and 41, attack 24: same status, same members, same lengths."""
    answers = [handset(app).start(typed) for typed in EVERYBODY]
    assert {answer.status_code for answer in answers} == {202}
    assert {tuple(answer.get_json()) for answer in answers} == {
        ("expires_at", "mail_expires_at", "ticket_id")
    }
    assert len({len(answer.data) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


def test_everybody_costs_the_same_statements_and_the_same_rows(both: Provider) -> None:
    """Decision 41: equal work, whoever the identifier names."""
    app = create_app(both.settings, provider=both)
    handset(app).start("899700990312")
    seen, rows = [], []
    for typed in EVERYBODY:
        phone = handset(app)
        seen.append(statements(both, lambda phone=phone, typed=typed: phone.start(typed)))
        with both.store.read() as db:
            counted = [db.query(table).count() for table in (Ticket, JournalEvent, OutboxMessage)]
        rows.append(counted)
    assert len(seen[0]) > 10
    assert all(each == seen[0] for each in seen)
    grown = [[b - a for a, b in zip(x, y, strict=True)] for x, y in pairwise(rows)]
    assert all(each == [1, 1, 1] for each in grown)


@pytest.mark.parametrize(
    ("typed", "reason", "told", "words"),
    [
        (UNKNOWN, "unknown", None, ""),
        (STRUCK_OFF, "struck_off", "valere.orpiment@exemple.test", "votre Ordre ou votre ARS"),
        (NO_MOBILE, "no_mobile", "clotaire.hauterive-pre@exemple.test", "Contactez votre Ordre"),
        (NO_MAIL, "no_email", "+33639980009", "Contactez votre Ordre"),
        (ADELI, "adeli_needs_card", "lazare.aubertoise@exemple.test", "avec la carte CPS"),
    ],
)
def test_the_true_reason_goes_to_the_registered_contact_the_journal_and_the_development_api(
    phone: Handset, typed: str, reason: str, told: str | None, words: str
) -> None:
    """Decision 17; EC-01, EC-02, EC-26."""
    phone.start(typed)
    answer = phone.client.get(f"/dev/v1/enrolments/{phone.ticket}", headers=DEV)
    assert answer.get_json()["refusal"] == reason
    with phone.provider.store.read() as db:
        event = db.query(JournalEvent).filter_by(event="enrolment:ticket:refused").one()
    assert (event.person, event.outcome, event.data["reason"]) == (typed, "failure", reason)
    messages = outbox(phone.client)
    assert [message["to"] for message in messages] == ([told] if told else [])
    if told:
        assert words in messages[0]["payload"]["text"]
        assert messages[0]["payload"].get("qr") is None


def test_a_refused_ticket_never_goes_on_even_with_its_secrets(phone: Handset) -> None:
    """Decision 17: the reason stands in the ticket, whatever is redeemed or typed."""
    phone.start(STRUCK_OFF)
    assert phone.step("redeem", token="0" * 26).get_json()["code"] == "token_refused"
    assert phone.step("resend").get_json()["code"] == "token_refused"
    assert phone.step("verify", code="000000").get_json()["code"] == "code_refused"


def test_a_contact_on_hold_carries_no_enrolment_and_the_former_one_is_told(
    phone: Handset,
) -> None:
    """Decision 26."""
    now = phone.provider.clock.now()
    with phone.provider.store.begin() as db:
        replace_contact(
            db,
            national_id=KNOWN,
            mobile="+33639989999",
            email="voleur@exemple.test",
            now=now,
            held_until=now + timedelta(hours=72),
        )
    phone.start()
    (message,) = outbox(phone.client)
    assert message["to"] == KNOWN_MAIL
    assert "viennent de changer" in message["payload"]["text"]
    advance(phone.provider, timedelta(hours=72).total_seconds())
    phone.start()
    assert outbox(phone.client)[-1]["to"] == "voleur@exemple.test"


def test_a_hold_that_begins_after_the_start_stops_the_activation(phone: Handset) -> None:
    """Decision 26: the contact is looked at again at each step."""
    phone.start()
    token, now = last_token(phone.client), phone.provider.clock.now()
    with phone.provider.store.begin() as db:
        contact = db.get(Contact, KNOWN)
        assert contact is not None
        contact.held_until = now + timedelta(hours=72)
    assert phone.step("redeem", token=token).get_json()["code"] == "token_refused"
    assert outbox(phone.client, KNOWN_MOBILE) == []


def test_a_new_ticket_never_waits_for_an_old_one(app: Flask) -> None:
    """Decision 24: a stranger's ticket stops nobody."""
    stranger, owner = handset(app), handset(app)
    stranger.start()
    owner.start()
    assert owner.step("redeem", token=last_token(owner.client)).status_code == 200


def test_strangers_use_up_the_mails_but_not_those_of_the_owners_network(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 24, attack 36: limits suppress messages; the ticket opens all the same."""
    app = create_app(make_settings(sqlite_url, master_key, mails_per_day=2, mails_per_origin=1))
    stranger = handset(app)
    for _ in range(5):
        assert stranger.start().status_code == 202
    assert len(outbox(stranger.client, KNOWN_MAIL)) == 2
    owner = handset(app)
    body = owner.sign("/wallet/v1/enrolments", national_id=KNOWN, name="Téléphone")
    answer = owner.send("/wallet/v1/enrolments", body, environ_base={"REMOTE_ADDR": "198.51.100.7"})
    owner.ticket = answer.get_json()["ticket_id"]
    assert owner.step("redeem", token=last_token(owner.client)).status_code == 200


def test_too_many_tickets_of_one_network_are_told_when_to_come_back(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 24: by network and whoever they are for; per-network factors apply."""
    settings = make_settings(
        sqlite_url, master_key, tickets_per_address=2, address_limits={"198.51.100.0/24": 2}
    )
    app = create_app(settings)
    codes = [handset(app).start(UNKNOWN).status_code for _ in range(3)]
    assert codes == [202, 202, 429]
    refused = handset(app).start()
    assert refused.get_json()["code"] == "too_many_requests"
    now = handset(app).provider.clock.timestamp()
    assert now < refused.get_json()["retry_at"] <= now + 3600
    hospital = {"REMOTE_ADDR": "198.51.100.7"}
    for expected in (202, 202, 202, 202, 429):
        phone = handset(app)
        body = phone.sign("/wallet/v1/enrolments", national_id=KNOWN, name="Téléphone")
        answer = phone.send("/wallet/v1/enrolments", body, environ_base=hospital)
        assert answer.status_code == expected


def test_the_same_bytes_open_one_ticket_and_other_bytes_are_refused(phone: Handset) -> None:
    """Protocol, section 2."""
    path = "/wallet/v1/enrolments"
    body = phone.sign(path, national_id=KNOWN, name="Téléphone", request_id="A" * 22)
    first, again = phone.send(path, body), phone.send(path, body)
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    assert len(outbox(phone.client, KNOWN_MAIL)) == 1
    other = phone.sign(path, national_id=KNOWN, name="Autre", request_id="A" * 22)
    refused = phone.send(path, other)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "request_id_reused")


def test_a_request_of_another_provider_path_or_time_is_not_recognised(phone: Handset) -> None:
    """Protocol, section 2."""
    path = "/wallet/v1/enrolments"
    elsewhere = replace(phone, issuer="https://ailleurs.test").sign(path, national_id=KNOWN)
    late = phone.sign(path, national_id=KNOWN, name="T", iat=0)
    another = phone.sign("/wallet/v1/pending", national_id=KNOWN, name="T")
    for body in (elsewhere, late, another, b"", b"a.b.c"):
        answer = phone.send(path, body)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "not_recognised")


def test_the_mail_says_who_asks_what_and_whom_to_call_without_any_link(phone: Handset) -> None:
    """Decision 17: a typed alternative to the QR, and no link."""
    phone.start()
    payload = outbox(phone.client, KNOWN_MAIL)[-1]["payload"]
    assert phone.provider.settings.service_name in payload["text"]
    assert phone.provider.settings.support_contact in payload["text"]
    assert "http" not in payload["text"]
    typed = next(line.strip() for line in payload["text"].splitlines() if line.startswith("    "))
    assert typed.replace(" ", "") == last_token(phone.client)
    assert KNOWN not in payload["text"]


def test_the_qr_holds_what_the_protocol_says(phone: Handset) -> None:
    """Protocol, section 5."""
    started = phone.start().get_json()
    qr = outbox(phone.client, KNOWN_MAIL)[-1]["payload"]["qr"]
    kid = phone.provider.keyring.active("phone").kid
    token = last_token(phone.client)
    assert qr == (
        f"ecps://enrol?v=1&u=http%3A%2F%2Flocalhost%3A8000&t={token}&k={kid}"
        f"&x={started['mail_expires_at']}"
    )
    assert len(token) == 26


def test_adeli_people_may_activate_by_contact_only_where_the_setting_says_so(
    sqlite_url: str, master_key: str
) -> None:
    """EC-26."""
    app = create_app(make_settings(sqlite_url, master_key, adeli_contact_enrolment=True))
    phone = handset(app)
    phone.start(ADELI)
    assert outbox(phone.client, "lazare.aubertoise@exemple.test")[-1]["payload"]["qr"]


def test_a_ticket_lapses(phone: Handset) -> None:
    """Setting `ticket_lifetime`."""
    phone.redeemed()
    with phone.provider.store.begin() as db:
        move_clock(db, timedelta(minutes=31))
    phone.provider.clock.synchronise(timedelta(minutes=31))
    assert phone.step("verify", code="000000").get_json()["code"] == "code_refused"
