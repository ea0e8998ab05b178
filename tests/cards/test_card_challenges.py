"""Requests that a card answers: CIBA with `channel=CARD` (decision 34, docs/cards.md 8)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import update

from idp import create_app
from idp.provider import Provider
from idp.settings import Settings
from idp.store.models import Challenge, Client, DirectoryPerson, JournalEvent
from idp.store.world import move_clock
from tests.cards.challenges import KEY, LIFETIME, LISTENER, NUMBER, Agent, ask, state_of
from tests.cards.helpers import HOLDER, IssuedCard, issued_card, of_another_version
from tests.conftest import make_settings
from tests.signin.helpers import PERSON, add_client, all_of


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER)


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    add_client(provider)
    return issued_card(provider, HOLDER)


@pytest.fixture
def agent(app: Flask, provider: Provider, card: IssuedCard) -> Agent:
    return Agent(app, provider, card)


def journal(provider: Provider, event: str) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]


def waits(provider: Provider, challenge: Challenge) -> bool:
    return state_of(provider, challenge).state == "pending"


def pass_time(provider: Provider, length: timedelta) -> None:
    with provider.store.begin() as db:
        move_clock(db, length)
    with provider.store.read() as db:
        provider.synchronise_clock(db)


# -- which card ----------------------------------------------------------------------------------


def test_without_a_card_nothing_is_listed_and_nothing_answered(agent: Agent) -> None:
    """Decision 31."""
    challenge = ask(agent.provider)
    for told in (agent.pending(b""), agent.answer(challenge, der=b"")):
        assert (told.status_code, told.get_json()["code"]) == (403, "card_missing")
    assert waits(agent.provider, challenge)


def test_at_any_other_address_there_is_no_card(agent: Agent) -> None:
    """No header can make the certificate of a connection (attack 39)."""
    http = agent.app.test_client()
    told = http.get("/card/challenges/pending", headers={"X-SSL-Client-Cert": "secret whatever"})
    assert told.get_json()["code"] == "card_missing"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"state": "opposee"}, "card_opposed"),
        ({"state": "invalidee"}, "card_replaced"),
        ({"state": "expiree"}, "card_expired"),
        ({"state": "bloquee"}, "card_blocked"),
        ({"state": "recue_non_activee"}, "card_not_activated"),
        ({"family": "CPE"}, "family_refused"),
    ],
)
def test_a_card_that_would_sign_nobody_in_answers_nothing(
    app: Flask, provider: Provider, card: IssuedCard, columns: dict[str, Any], code: str
) -> None:
    """Decision 31: each reason by its name, as at sign-in."""
    agent = Agent(app, provider, issued_card(provider, HOLDER, **columns))
    challenge = ask(provider)
    for told in (agent.pending(), agent.answer(challenge)):
        assert (told.status_code, told.get_json()["code"]) == (403, code)
        assert told.content_type == "application/problem+json"
    assert waits(provider, challenge)
    (entry,) = journal(provider, "cards:signin:refused")
    assert (entry.data["reason"], entry.client_id) == (code, "service")


def test_the_certificate_to_sign_answers_nothing(agent: Agent) -> None:
    challenge = ask(agent.provider)
    der = agent.card.signature_der
    for told in (agent.pending(der), agent.answer(challenge, der=der)):
        assert told.get_json()["code"] == "signature_certificate"
    assert waits(agent.provider, challenge)


def test_what_is_no_certificate_of_a_card_answers_nothing(agent: Agent) -> None:
    challenge = ask(agent.provider)
    for der in (b"unreadable", of_another_version(agent.card.der)):
        for told in (agent.pending(der), agent.answer(challenge, der=der)):
            assert told.get_json()["code"] == "card_unreadable"
    assert waits(agent.provider, challenge)


def test_a_holder_who_is_struck_off_answers_nothing(agent: Agent) -> None:
    """EC-01."""
    challenge = ask(agent.provider)
    with agent.provider.store.begin() as db:
        closed = update(DirectoryPerson).where(DirectoryPerson.national_id == HOLDER)
        db.execute(closed.values(closed=True))
    for told in (agent.pending(), agent.answer(challenge)):
        assert told.get_json()["code"] == "holder_struck_off"
    assert waits(agent.provider, challenge)


@pytest.mark.parametrize(
    "columns", [{"means": ["MOBILE"]}, {"options": {"card_families": ["CPF"]}}]
)
def test_a_service_that_takes_no_such_card_any_more_is_not_answered(
    agent: Agent, columns: dict[str, Any]
) -> None:
    """Decision 30: what holds is what is registered when the card answers."""
    challenge = ask(agent.provider)
    with agent.provider.store.begin() as db:
        db.execute(update(Client).values(**columns))
    for told in (agent.pending(), agent.answer(challenge)):
        assert told.get_json()["code"] == "family_refused"
    assert waits(agent.provider, challenge)


def test_a_service_that_is_disabled_is_not_answered(agent: Agent) -> None:
    challenge = ask(agent.provider)
    with agent.provider.store.begin() as db:
        db.execute(update(Client).values(disabled_at=agent.provider.clock.now()))
    assert agent.answer(challenge).get_json()["code"] == "family_refused"
    assert waits(agent.provider, challenge)


def test_looking_writes_nothing(agent: Agent) -> None:
    """Anybody may look as often as they like, with any certificate."""
    ask(agent.provider)
    before = len(all_of(agent.provider, JournalEvent))
    agent.pending()
    agent.pending(b"")
    agent.pending(agent.card.signature_der)
    assert len(all_of(agent.provider, JournalEvent)) == before


# -- whose request -------------------------------------------------------------------------------


def test_another_person_s_request_is_neither_listed_nor_answered(agent: Agent) -> None:
    challenge = ask(agent.provider, PERSON)
    assert agent.documents() == []
    told = agent.answer(challenge)
    assert (told.status_code, told.get_json()["code"]) == (409, "challenge_closed")
    assert waits(agent.provider, challenge)


def test_a_request_to_the_phone_is_neither_listed_nor_answered(agent: Agent) -> None:
    challenge = ask(agent.provider, purpose="signin")
    assert agent.documents() == []
    assert agent.answer(challenge).get_json()["code"] == "challenge_closed"
    assert waits(agent.provider, challenge)


def test_an_unknown_request_is_not_answered_and_not_written_down(agent: Agent) -> None:
    challenge = ask(agent.provider)
    told = agent.send("no-such-request", "approve", NUMBER, agent.sign({}, "approve", NUMBER))
    assert told.get_json()["code"] == "challenge_closed"
    assert journal(agent.provider, "cards:signin:accepted") == []
    assert waits(agent.provider, challenge)


def test_no_client_takes_all_the_places(agent: Agent) -> None:
    """Decision 24: whoever floods takes their own turns only."""
    add_client(agent.provider, "flood")
    one = ask(agent.provider)
    for _ in range(10):
        ask(agent.provider, client_id="flood")
    listed = [document["challenge_id"] for document in agent.documents()]
    assert len(listed) == agent.provider.settings.card_pending_shown
    assert one.challenge_id in listed


def test_a_request_whose_time_is_over_is_neither_listed_nor_answered(agent: Agent) -> None:
    challenge = ask(agent.provider)
    pass_time(agent.provider, LIFETIME)
    assert agent.documents() == []
    assert agent.answer(challenge).get_json()["code"] == "challenge_closed"
    assert waits(agent.provider, challenge)


# -- what is signed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": "Another service"},
        {"challenge_id": "another"},
        {"card_number": "9700000000"},
        {"nonce": "A" * 43},
        {"purpose": "signin"},
        {"message": "Another message"},
    ],
)
def test_a_signature_over_another_document_answers_nothing(
    agent: Agent, changes: dict[str, Any]
) -> None:
    """Decision 18."""
    challenge = ask(agent.provider)
    told = agent.answer(challenge, **changes)
    assert (told.status_code, told.get_json()["code"]) == (403, "answer_unproved")
    assert waits(agent.provider, challenge)
    (entry,) = journal(agent.provider, "cards:answer:unproved")
    assert entry.data["card_number"] == agent.card.card_number


@pytest.mark.parametrize("key", ["signature_key", "card_key", "stranger"])
def test_another_key_than_that_of_the_connection_answers_nothing(agent: Agent, key: str) -> None:
    """Decision 34."""
    challenge = ask(agent.provider)
    stranger = ec.generate_private_key(ec.SECP256R1())
    told = agent.answer(challenge, key=getattr(agent.card, key, stranger))
    assert told.get_json()["code"] == "answer_unproved"
    assert waits(agent.provider, challenge)


def test_the_signature_of_another_card_of_the_holder_is_not_taken(app: Flask, agent: Agent) -> None:
    other = Agent(app, agent.provider, issued_card(agent.provider, HOLDER))
    challenge = ask(agent.provider)
    signature = other.sign(other.document(challenge), "approve", NUMBER)
    told = agent.send(challenge.challenge_id, "approve", NUMBER, signature)
    assert told.get_json()["code"] == "answer_unproved"
    assert waits(agent.provider, challenge)


def test_an_approval_is_not_taken_for_a_refusal_nor_the_other_way(agent: Agent) -> None:
    challenge = ask(agent.provider)
    document = agent.document(challenge)
    approval, refusal = (
        agent.sign(document, "approve", NUMBER),
        agent.sign(document, "refuse", None),
    )
    for given in (("refuse", None, approval), ("approve", NUMBER, refusal)):
        told = agent.send(challenge.challenge_id, *given)
        assert told.get_json()["code"] == "answer_unproved"
    assert waits(agent.provider, challenge)


def test_a_number_that_was_not_signed_does_not_end_the_request(agent: Agent) -> None:
    """Only the card's holder can kill it."""
    challenge = ask(agent.provider)
    signature = agent.sign(agent.document(challenge), "approve", NUMBER)
    told = agent.send(challenge.challenge_id, "approve", "07", signature)
    assert told.get_json()["code"] == "answer_unproved"
    assert waits(agent.provider, challenge)


@pytest.mark.parametrize(
    ("decision", "number", "signature", "member"),
    [
        ("perhaps", None, "AA", "decision"),
        (None, None, "AA", "decision"),
        (["approve"], None, "AA", "decision"),
        ("approve", None, "AA", "number"),
        ("approve", "4", "AA", "number"),
        ("approve", "٤٢", "AA", "number"),
        ("approve", 42, "AA", "number"),
        ("refuse", NUMBER, "AA", "number"),
        ("approve", NUMBER, None, "signature"),
        ("approve", NUMBER, "not base64!", "signature"),
    ],
)
def test_an_answer_of_another_form_is_malformed(
    agent: Agent, decision: Any, number: Any, signature: Any, member: str
) -> None:
    challenge = ask(agent.provider)
    told = agent.send(challenge.challenge_id, decision, number, signature)
    assert (told.status_code, told.get_json()["code"]) == (400, "malformed")
    assert told.get_json()["member"] == member
    assert waits(agent.provider, challenge)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"decision":"refuse"}' * 2])
def test_a_body_of_another_form_is_malformed(agent: Agent, body: bytes) -> None:
    challenge = ask(agent.provider)
    http = agent.app.test_client()
    told = http.post(
        f"/card/challenges/{challenge.challenge_id}/answer",
        data=body,
        base_url=LISTENER,
        environ_overrides={KEY: agent.card.der},
    )
    assert told.get_json()["code"] == "malformed"


def test_a_number_is_not_taken_where_none_was_asked_for(agent: Agent) -> None:
    challenge = ask(agent.provider, number=None)
    told = agent.answer(challenge, number=NUMBER)
    assert (told.get_json()["code"], told.get_json()["member"]) == ("malformed", "number")
    assert waits(agent.provider, challenge)


# -- once ----------------------------------------------------------------------------------------


def test_a_wrong_number_ends_the_request(agent: Agent) -> None:
    """Decision 20; the registered contacts are told."""
    challenge = ask(agent.provider)
    told = agent.answer(challenge, number="07")
    assert (told.status_code, told.get_json()["code"]) == (403, "wrong_number")
    assert state_of(agent.provider, challenge).state == "wrong_number"
    assert agent.answer(challenge).get_json()["code"] == "challenge_closed"
    (entry,) = journal(agent.provider, "challenges:number:mismatched")
    assert entry.data["card_number"] == agent.card.card_number


def test_a_request_is_answered_once(agent: Agent) -> None:
    challenge = ask(agent.provider)
    assert agent.answer(challenge).status_code == 200
    for decision in ("approve", "refuse"):
        assert agent.answer(challenge, decision).get_json()["code"] == "challenge_closed"
    assert state_of(agent.provider, challenge).state == "approved"


def test_of_simultaneous_answers_one_is_taken(both: Provider) -> None:
    settings = both.settings.model_copy(update={"card_base_url": LISTENER})
    app = create_app(settings, provider=both)
    add_client(both)
    agent = Agent(app, both, issued_card(both, HOLDER))
    challenge = ask(both)
    decisions = ["approve", "refuse"] * 3
    with ThreadPoolExecutor(len(decisions)) as pool:
        told = list(pool.map(lambda decision: agent.answer(challenge, decision), decisions))
    assert sorted(each.status_code for each in told) == [200] + [409] * 5
    (taken,) = [each.get_json()["outcome"] for each in told if each.status_code == 200]
    assert state_of(both, challenge).state == taken


# -- what is taken -------------------------------------------------------------------------------


def test_a_card_is_given_its_holder_s_requests_signed_and_addressed_to_it(agent: Agent) -> None:
    """Decisions 18 and 34: as phones get theirs, newest first."""
    older, newer = ask(agent.provider), ask(agent.provider)
    assert agent.documents() == [agent.document(newer), agent.document(older)]


def test_a_card_approves(agent: Agent) -> None:
    challenge = ask(agent.provider)
    told = agent.answer(challenge)
    assert (told.status_code, told.get_json()) == (200, {"outcome": "approved"})
    row = state_of(agent.provider, challenge)
    assert (row.state, row.card_number) == ("approved", agent.card.card_number)
    assert row.expires_at == challenge.expires_at
    (entry,) = journal(agent.provider, "challenges:challenge:approved")
    assert (entry.person, entry.client_id) == (HOLDER, "service")
    assert entry.data["card_number"] == agent.card.card_number
    assert len(journal(agent.provider, "cards:signin:accepted")) == 1


def test_a_card_approves_what_has_no_number(agent: Agent) -> None:
    """Decision 29: any other message is displayed, and `null` is signed."""
    challenge = ask(agent.provider, number=None)
    assert agent.answer(challenge, number=None).get_json() == {"outcome": "approved"}


@pytest.mark.parametrize("number", [NUMBER, None])
def test_a_card_refuses(agent: Agent, number: str | None) -> None:
    challenge = ask(agent.provider, number=number)
    told = agent.answer(challenge, "refuse")
    assert (told.status_code, told.get_json()) == (200, {"outcome": "refused"})
    assert state_of(agent.provider, challenge).state == "refused"
    assert len(journal(agent.provider, "challenges:challenge:refused")) == 1


@pytest.mark.parametrize(
    ("holder", "asked"), [("899700990296", "0999100290"), ("0999100290", "899700990296")]
)
def test_a_request_under_a_former_identifier_is_its_person_s(
    app: Flask, provider: Provider, card: IssuedCard, holder: str, asked: str
) -> None:
    """Decision 36."""
    agent = Agent(app, provider, issued_card(provider, holder))
    challenge = ask(provider, asked)
    assert agent.documents() == [agent.document(challenge)]
    assert agent.answer(challenge).status_code == 200
