"""The facade of the fixture: people, services, clock, faults, recorder, snapshots, isolation."""

from datetime import timedelta

import pytest
from werkzeug.test import Client as Browser

from tests.harness.plain_service import ORIGIN, PlainService
from wallet_sim.behaviours.catalogue import BehaviourRefused
from wallet_sim.dev_provider import DevelopmentRefused
from wallet_sim.harness.clients import Client
from wallet_sim.harness.errors import LoginFailed, RedirectUrisNoList
from wallet_sim.harness.faults import FaultNotMet
from wallet_sim.harness.outbox import NothingReceived
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc
from wallet_sim.harness.sent import Mistakes, NothingRecorded

LOGIN = f"{ORIGIN}/login"


def test_a_service_that_did_nothing_passes_no_checklist(shared: Psc) -> None:
    idle = shared.client("idle", redirect_uris=[f"{ORIGIN}/callback"])
    with pytest.raises(Mistakes, match="nothing was recorded of idle"):
        shared.sent.assert_no_mistakes(idle)


def test_mistakes_are_told_with_what_to_do_and_their_source(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    shared.login(Browser(PlainService(shared, plain.client_id)), phone.person, at=LOGIN)

    with pytest.raises(Mistakes) as told:
        shared.sent.assert_no_mistakes(plain)

    assert "nonce" in str(told.value)
    assert "  do: " in str(told.value)
    assert "  source: " in str(told.value)
    rules = {finding["rule"] for finding in shared.sent.checklist(plain)["findings"]}
    shared.sent.assert_no_mistakes(plain, ignore=rules)


def test_what_was_sent_is_told_by_endpoint_and_by_service(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    shared.login(Browser(PlainService(shared, plain.client_id)), phone.person, at=LOGIN)

    assert shared.sent.last("authorize", plain).parameters["acr_values"] == "eidas1"
    assert {each.step for each in shared.sent.exchanges(plain)} == {"authorize", "callback"}
    with pytest.raises(NothingRecorded, match="'token' was recorded, but authorize"):
        shared.sent.last("token", plain)


def test_a_fault_that_nobody_met_fails_the_test(shared: Psc, plain: Client) -> None:
    with (
        pytest.raises(FaultNotMet, match="id_token_expired was never met"),
        shared.faults.inject("id_token_expired", client=plain),
    ):
        pass
    assert shared.provider.ask("GET", "faults")["faults"] == []


def test_an_unknown_fault_is_refused_with_its_name(shared: Psc) -> None:
    with pytest.raises(DevelopmentRefused, match="no_such_fault"):
        shared.faults.add("no_such_fault")


def test_a_fault_is_met_by_the_browser_of_its_service(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    service = Browser(PlainService(shared, plain.client_id))
    with shared.faults.inject("authorization_wrong_state", client=plain, times=1) as fault:
        login = shared.login(service, phone.person, at=LOGIN)
    assert login.answer["state"] != "a-state-of-the-plain-service"
    assert fault.committed == 1


def test_an_unknown_behaviour_is_refused_where_it_is_asked_for(phone: HeldPhone) -> None:
    with pytest.raises(BehaviourRefused, match="no behaviour 'aprove'"):
        phone.on_challenge("aprove")


def test_what_follows_the_scripted_requests_is_said_by_then(shared: Psc, plain: Client) -> None:
    phone = shared.phone(shared.person()).on_challenge("approve").then("refuse")
    service = Browser(PlainService(shared, plain.client_id))
    assert shared.login(service, phone.person, at=LOGIN).ok
    for _ in range(2):
        with pytest.raises(LoginFailed):
            shared.login(service, phone.person, at=LOGIN)
    assert [act.outcome for act in phone.acted] == ["approved", "refused", "refused"]


def test_one_address_in_the_place_of_a_list_is_told_of(shared: Psc) -> None:
    with pytest.raises(RedirectUrisNoList, match=r"\['https://one\.test/cb'\]"):
        shared.client("one", redirect_uris="https://one.test/cb")


def test_messages_are_read_by_the_person_whom_they_reached(shared: Psc, phone: HeldPhone) -> None:
    assert shared.outbox.last_mail(phone.person).kind == "mail"
    assert "e-CPS" in shared.outbox.last_sms(phone.person).payload["text"]
    with pytest.raises(NothingReceived, match="got no sms, but nothing"):
        shared.outbox.last_sms(shared.person())


def test_a_realm_has_people_and_a_clock_of_its_own(psc: Psc, shared: Psc) -> None:
    person = psc.person(national_id="ANS20200229121314")
    psc.clock.advance(timedelta(days=1), hours=2)

    assert psc.issuer != shared.issuer
    assert psc.clock.timestamp() - shared.clock.timestamp() > 25 * 3600
    with pytest.raises(DevelopmentRefused) as refused:
        shared.people.find(person.national_id)
    assert refused.value.status == 404


def test_time_that_passes_ends_sessions(psc: Psc) -> None:
    client = psc.client("plain", redirect_uris=[f"{ORIGIN}/callback"])
    phone = psc.phone(psc.person())
    login = psc.login(Browser(PlainService(psc, client.client_id)), phone.person, at=LOGIN)
    assert [session["live"] for session in psc.sessions(phone.person)] == [True]

    psc.clock.advance(hours=5)

    assert not any(session["live"] for session in psc.sessions(phone.person))
    quiet = Browser(PlainService(psc, client.client_id, prompt="none"))
    again = psc.login(quiet, phone.person, at=LOGIN, browser=login.browser)
    assert again.answer["error"] == "login_required"


def test_a_snapshot_brings_back_provider_phones_and_cards(psc: Psc) -> None:
    client = psc.client("plain", redirect_uris=[f"{ORIGIN}/callback"])
    service = Browser(PlainService(psc, client.client_id))
    phone = psc.phone(psc.person(card=True))
    card = psc.card(phone.person)
    psc.snapshot("before")
    psc.login(service, phone.person, at=LOGIN)
    late = psc.phone(psc.person())

    psc.restore("before")

    assert psc.sessions() == []
    assert psc.phones.of(late.person.national_id) == []
    assert psc.cards.of(phone.person.national_id) == [card]
    for means in ("phone", "card"):
        assert psc.login(service, phone.person, at=LOGIN, means=means).ok

    psc.reset()

    assert psc.phones.of(phone.person.national_id) == []
    with pytest.raises(DevelopmentRefused):
        psc.people.find(phone.person.national_id)


def test_sessions_and_events_are_told_by_person(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    shared.login(Browser(PlainService(shared, plain.client_id)), phone.person, at=LOGIN)
    newest = shared.sessions(phone.person)[0]

    shared.end_session(newest["sid"])

    assert not shared.sessions(phone.person)[0]["live"]
    opened = shared.events("signin:session:", phone.person)
    assert newest["sid"] in [event["sid"] for event in opened]
    assert {event["event"].rpartition(":")[0] for event in opened} == {"signin:session"}


def test_a_client_certificate_lies_in_files_of_their_owner_alone(
    shared: Psc, plain: Client
) -> None:
    made = shared.certificate(plain)
    assert made.key.stat().st_mode & 0o777 == 0o600
    assert made.certificate.read_text().count("BEGIN CERTIFICATE") > 1
    assert "CN=plain" in made.subject
    with pytest.raises(DevelopmentRefused) as refused:
        shared.certificate("nobody")
    assert refused.value.status == 404
