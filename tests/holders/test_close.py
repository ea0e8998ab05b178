"""Somebody who is struck off here loses everything at once (EC-01, issue of cards 5)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from idp.cards.judge import judge
from idp.cards.refusals import CardOpposed, CardRefused, HolderStruckOff, HolderUnknown
from idp.cards.states import CardState
from idp.cli import main
from idp.directory.contacts import PersonUnknown
from idp.directory.people import find_person
from idp.enrolment.pairing import CardDoesNotVouch, start_pairing
from idp.holders import Closing, close_person, reopen_person
from idp.provider import Provider
from idp.store.directory_import import StagedAlias, write_aliases
from idp.store.models import BrowserSession, Card, Device, Grant, LocalCorrection, OutboxMessage
from tests.cards.helpers import issued_card
from tests.cards.rows import (
    CARD,
    PERSON,
    a_card,
    a_grant,
    a_phone,
    a_session,
    add,
    all_of,
    events,
    the_card,
)
from tests.conftest import DEV_SECRET
from tests.holders.helpers import close_in_directory, leave_directory
from tests.oauth.helpers import Service, add_client, open_session
from tests.wallet.helpers import PIN, ask_signin, enrol
from wallet_sim.errors import DeviceInactive

FORMER = "0992800276"


def closed(provider: Provider, reason: str = "radiation", person: str = PERSON) -> None:
    with provider.store.begin() as db:
        close_person(provider, db, person, reason, actor="test")


def holdings(provider: Provider, person: str = PERSON) -> tuple[set[str], set[str], set[bool]]:
    """States of the phones and cards of a person, and whether their sessions ended."""
    return (
        {row.state for row in all_of(provider, Device) if row.national_id == person},
        {row.state for row in all_of(provider, Card) if row.national_id == person},
        {row.ended_at is not None for row in all_of(provider, BrowserSession)},
    )


def test_nobody_of_that_identifier_is_closed(provider: Provider) -> None:
    with provider.store.begin() as db, pytest.raises(PersonUnknown):
        close_person(provider, db, "899700991005", "radiation")


def test_a_reason_that_is_none_closes_nobody(provider: Provider) -> None:
    with pytest.raises(ValueError, match="perte"):
        closed(provider, "perte")
    with provider.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    assert not person.closed


@pytest.mark.parametrize("reason", sorted(Closing))
def test_phones_cards_and_sessions_end_at_once(both: Provider, reason: Closing) -> None:
    """EC-01; domain 5: radiation, décès, cessation."""
    session = a_session(both, card_number=None)
    add(both, a_card(both), a_phone(both), a_phone(both, state="suspended"), session)
    add(both, a_grant(both, session), a_phone(both, state="expired"))
    closed(both, reason)
    assert holdings(both) == ({"revoked", "expired"}, {CardState.OPPOSEE}, {True})
    assert {row.opposition_reason for row in all_of(both, Card) if row.national_id == PERSON} == {
        reason
    }
    assert all(row.revoked_at is not None for row in all_of(both, Grant))
    (event,) = events(both, "directory:person:closed")
    assert (event.actor, event.data["reason"], event.data["phones"]) == ("test", reason, 2)


def test_closing_again_ends_nothing_more_and_fails_nothing(both: Provider) -> None:
    add(both, a_card(both))
    closed(both)
    closed(both)
    assert events(both, "cards:transition:refused") == []


def test_what_the_directory_holds_of_their_identity_is_kept(both: Provider) -> None:
    """Decision 36."""
    closed(both)
    with both.store.read() as db:
        row = db.get(LocalCorrection, PERSON)
    assert row is not None
    assert row.struck_off
    assert row.civil_identity is not None


def test_what_is_held_under_a_former_identifier_ends_too(both: Provider) -> None:
    """Decision 36: the ADELI person has become an RPPS one."""
    add(
        both,
        a_card(both, national_id=FORMER),
        a_phone(both, national_id=FORMER),
        a_session(both, national_id=FORMER),
    )
    with both.store.begin() as db:
        write_aliases(db, 1, [StagedAlias(FORMER, PERSON)])
    closed(both)
    phones, cards, sessions = holdings(both, FORMER)
    assert (phones, sessions) == ({"revoked"}, {True})
    assert cards == {CardState.OPPOSEE}


def test_the_registered_contacts_are_told(provider: Provider) -> None:
    add(provider, a_phone(provider, paired_card=None))
    before = len(all_of(provider, OutboxMessage))
    closed(provider)
    assert len(all_of(provider, OutboxMessage)) > before


def test_reopening_lets_in_again_and_revives_nothing(both: Provider) -> None:
    add(both, a_card(both), a_phone(both), a_session(both))
    closed(both)
    with both.store.begin() as db:
        assert reopen_person(both, db, PERSON)
        assert not reopen_person(both, db, PERSON)
        person = find_person(db, PERSON)
    assert person is not None
    assert not person.closed
    assert holdings(both) == ({"revoked"}, {CardState.OPPOSEE}, {True})
    assert len(events(both, "directory:person:reopened")) == 1


# -- before anything was swept, nothing lets them in ----------------------------------------------

GONE = pytest.mark.parametrize("go", [close_in_directory, leave_directory])


@GONE
def test_their_tokens_are_of_no_more_use(app: Flask, provider: Provider, go: object) -> None:
    """EC-01: userinfo, introspection and refresh, before any job ran."""
    assert callable(go)
    add_client(provider)
    service = Service(app, provider)
    token = service.sign_in(open_session(provider))
    go(provider, PERSON)
    assert service.userinfo(token["access_token"]).status_code == 401
    assert service.introspect(token["access_token"]) == {"active": False}
    assert service.introspect(token["refresh_token"]) == {"active": False}
    assert service.refresh(token["refresh_token"]).json["error"] == "invalid_grant"


@GONE
def test_their_card_signs_nobody_in_and_pairs_no_phone(provider: Provider, go: object) -> None:
    """EC-01, EC-21."""
    assert callable(go)
    card = issued_card(provider, PERSON)
    go(provider, PERSON)
    with provider.store.begin() as db, pytest.raises(CardRefused) as refused:
        judge(provider, db, card.authentication, families=["CPS"])
    assert isinstance(refused.value, HolderStruckOff | HolderUnknown)
    with provider.store.begin() as db, pytest.raises(CardDoesNotVouch):
        start_pairing(provider, db, sid="sid", card_number=card.card_number, national_id=PERSON)


def test_the_card_of_somebody_closed_is_an_opposed_one(provider: Provider) -> None:
    """CP-13."""
    card = issued_card(provider, PERSON)
    closed(provider)
    with provider.store.begin() as db, pytest.raises(CardOpposed):
        judge(provider, db, card.authentication, families=["CPS"])


def test_their_phone_learns_that_it_is_of_no_more_use(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """EC-01: also an approval that was under way dies with it."""
    phone = enrol(app, tmp_path / "phone")
    challenge = ask_signin(app)
    (waiting,) = phone.pending()
    closed(provider)
    with pytest.raises(DeviceInactive) as refused:
        phone.approve(PIN, str(challenge.number), waiting)
    assert refused.value.members["state"] == "revoked"


# -- by command ----------------------------------------------------------------------------------


def run(provider: Provider, master_key: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        main,
        ["person", arguments[0], "--database-url", provider.settings.database_url, *arguments[1:]],
        env={"ECPS_MASTER_KEY": master_key},
    )


def test_the_command_closes_and_reopens(
    provider: Provider, master_key: str, browser: FlaskClient
) -> None:
    """EC-01."""
    add(provider, a_card(provider), a_phone(provider))
    result = run(provider, master_key, "close", PERSON, "--reason", "deces", "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["phones"] == 1
    assert figures["cards"] >= 1
    assert the_card(provider, CARD).opposition_reason == "deces"
    answer = browser.get(f"/dev/v1/outbox?person={PERSON}", headers={"Ecps-Dev-Secret": DEV_SECRET})
    assert any("inscrit" in m["payload"].get("text", "") for m in answer.get_json()["messages"])
    assert run(provider, master_key, "reopen", PERSON).exit_code == 0
    again = run(provider, master_key, "reopen", PERSON)
    assert again.exit_code == 1
    assert "was not struck off" in again.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("close", PERSON),
        ("close", PERSON, "--reason", "perte"),
        ("close", "nonsense", "--reason", "deces"),
        ("close", "899700991005", "--reason", "deces"),
        ("reopen", "899700991005"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(
    provider: Provider, master_key: str, arguments: tuple[str, ...]
) -> None:
    result = run(provider, master_key, *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
