"""CIBA by card: `channel=CARD`, from the software to its tokens (decision 34, attack 41).

Everything between is real: TLS, the card's keys and its code.
"""

from pathlib import Path

import pytest
from flask import Flask

from idp.cards.opposition import oppose
from idp.provider import Provider
from idp.store.models import BrowserSession
from tests.ciba.answers import challenge_of, refused, strike_off
from tests.ciba.card.helpers import CardAtReader, ask
from tests.ciba.helpers import (
    NUMBER,
    CibaService,
    add_ciba_client,
    add_notified_client,
    phone_of,
    queued,
    service,
)
from tests.oauth.helpers import advance
from wallet_sim.card.errors import (
    CodeBlocked,
    RequestGone,
    RequestRefused,
    WrongCode,
)
from wallet_sim.errors import NumberNotOffered


def lose(provider: Provider, card: CardAtReader) -> None:
    """The holder declares the card stolen."""
    with provider.store.begin() as db:
        oppose(provider, db, card.number, reason="vol")


def other_number(card: CardAtReader) -> str:
    shown = card.sees().number
    assert shown is not None
    return next(each for each in shown.options if each != NUMBER)


# -- what gives no tokens ------------------------------------------------------------------------


def test_nothing_is_issued_before_the_card_answers(client: CibaService, card: CardAtReader) -> None:
    """CIBA Core 11."""
    auth_req_id = ask(client, card)
    card.sees()
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")


def test_a_phone_is_not_asked_what_a_card_is(
    app: Flask, client: CibaService, card: CardAtReader, tmp_path: Path
) -> None:
    phone = phone_of(app, tmp_path / "p", card.holder)
    ask(client, card)
    assert phone.pending() == []
    assert queued(client.provider, "push") == []


def test_a_card_is_not_asked_what_a_phone_is(client: CibaService, card: CardAtReader) -> None:
    client.begin(login_hint=card.holder)
    assert card.reader.waiting() == []


def test_a_refusal_by_card_is_told(client: CibaService, card: CardAtReader) -> None:
    """CIBA Core 11."""
    auth_req_id = ask(client, card)
    assert card.refuse() == "refused"
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_wrong_number_ends_the_request(client: CibaService, card: CardAtReader) -> None:
    """Decision 20."""
    auth_req_id = ask(client, card)
    with pytest.raises(RequestRefused) as told:
        card.approve(other_number(card))
    assert told.value.reason == "wrong_number"
    assert card.reader.waiting() == []
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_number_that_was_not_offered_never_leaves_the_reader(
    client: CibaService, card: CardAtReader
) -> None:
    ask(client, card)
    offered = card.sees().number
    assert offered is not None
    stranger = next(f"{n:02}" for n in range(100) if f"{n:02}" not in offered.options)
    for number in (stranger, None):
        with pytest.raises(NumberNotOffered):
            card.approve(number)
    assert challenge_of(client.provider).state == "pending"


def test_a_wrong_code_signs_nothing_and_costs_a_try(
    client: CibaService, card: CardAtReader
) -> None:
    """Decision 31: at the card and at the provider."""
    auth_req_id = ask(client, card)
    shown = card.sees().challenge_id
    for decision in ("approve", "refuse"):
        number = NUMBER if decision == "approve" else None
        with pytest.raises(WrongCode):
            card.reader.answer(shown, decision, number, code=card.made.wrong_code)
    assert (card.made.state.code.tries_left, card.made.row().tries_left) == (1, 1)
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")


def test_a_blocked_card_answers_nothing(client: CibaService, card: CardAtReader) -> None:
    """Decision 31."""
    auth_req_id = ask(client, card)
    shown = card.sees().challenge_id
    for _ in range(3):
        with pytest.raises(WrongCode):
            card.reader.answer(shown, "approve", NUMBER, code=card.made.wrong_code)
    with pytest.raises(CodeBlocked):
        card.reader.answer(shown, "approve", NUMBER, code=card.made.code)
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")


def test_what_was_not_shown_is_not_answered(client: CibaService, card: CardAtReader) -> None:
    """Nobody signs what they did not read."""
    ask(client, card)
    with pytest.raises(RequestGone):
        card.reader.answer(
            challenge_of(client.provider).challenge_id, "approve", NUMBER, code=card.made.code
        )


def test_a_request_is_answered_once(client: CibaService, card: CardAtReader) -> None:
    ask(client, card)
    shown = card.sees().challenge_id
    card.approve(NUMBER)
    with pytest.raises(RequestGone):
        card.reader.answer(shown, "refuse", None, code=card.made.code)
    assert card.reader.waiting() == []


def test_an_answer_that_comes_too_late_gives_nothing(
    client: CibaService, card: CardAtReader
) -> None:
    auth_req_id = ask(client, card)
    shown = card.sees().challenge_id
    advance(client.provider, 120)
    with pytest.raises(RequestRefused) as told:
        card.reader.answer(shown, "approve", NUMBER, code=card.made.code)
    assert told.value.reason == "challenge_closed"
    assert refused(client.poll(auth_req_id)) == (400, "expired_token")


def test_an_identifier_that_nobody_holds_is_asked_like_any_other(client: CibaService) -> None:
    """Decision 41."""
    told = client.begin(channel="CARD", login_hint="899900000003")
    assert refused(client.poll(told["auth_req_id"])) == (400, "authorization_pending")


def test_a_card_that_is_opposed_is_not_heard(client: CibaService, card: CardAtReader) -> None:
    """Decision 32."""
    auth_req_id = ask(client, card)
    shown = card.sees().challenge_id
    lose(client.provider, card)
    with pytest.raises(RequestRefused) as told:
        card.reader.answer(shown, "approve", NUMBER, code=card.made.code)
    assert told.value.reason == "card_opposed"
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")


def test_an_opposition_in_the_meantime_wins(client: CibaService, card: CardAtReader) -> None:
    """Decision 32: the card approved, and the tokens were not asked for yet."""
    auth_req_id = ask(client, card)
    card.approve(NUMBER)
    lose(client.provider, card)
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_holder_who_is_struck_off_in_the_meantime_gets_nothing(
    client: CibaService, card: CardAtReader
) -> None:
    """EC-01."""
    auth_req_id = ask(client, card)
    card.approve(NUMBER)
    strike_off(client.provider, card.holder)
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_family_that_the_client_does_not_take_is_told_by_its_name(
    client: CibaService, card: CardAtReader, provider: Provider
) -> None:
    """Decision 30."""
    add_ciba_client(provider, "students", card_families=["CPF"])
    ask(client.as_client("students"), card)
    with pytest.raises(RequestRefused) as told:
        card.reader.waiting()
    assert told.value.reason == "family_refused"
    assert challenge_of(client.provider).state == "pending"


# -- what gives tokens ---------------------------------------------------------------------------


def test_a_card_signs_its_holder_in(client: CibaService, card: CardAtReader) -> None:
    """Decision 7: `eidas1` in the ID token, `eidas3` where resources read."""
    auth_req_id = ask(client, card)
    shown = card.sees()
    assert shown.client_name == "Logiciel de cabinet"
    assert card.approve(NUMBER) == "approved"
    tokens = dict(client.poll(auth_req_id).json)
    told = client.introspect(tokens["access_token"])
    assert (told["acr"], told["authMode"]) == ("eidas3", "CARD")
    assert client.claims(tokens["id_token"])["acr"] == "eidas1"
    assert client.userinfo(tokens["access_token"]).json["SubjectNameID"] == card.holder
    assert refused(client.poll(auth_req_id)) == (400, "invalid_grant")


def test_what_the_card_signed_in_ends_with_it(
    client: CibaService, card: CardAtReader, provider: Provider
) -> None:
    """Decision 32: the session knows its card."""
    auth_req_id = ask(client, card)
    card.approve(NUMBER)
    tokens = dict(client.poll(auth_req_id).json)
    with provider.store.read() as db:
        assert db.query(BrowserSession).one().card_number == card.number
    lose(provider, card)
    assert client.introspect(tokens["access_token"]) == {"active": False}


def test_a_message_is_shown_and_no_number_asked_for(
    client: CibaService, card: CardAtReader
) -> None:
    """Decision 29: what is signed holds `null` for the number."""
    auth_req_id = ask(client, card, binding_message="Dossier 12 B")
    shown = card.sees()
    assert (shown.payload["message"], shown.number) == ("Dossier 12 B", None)
    card.approve(None)
    assert client.poll(auth_req_id).status_code == 200


def test_the_number_is_typed_in_strict(
    client: CibaService, card: CardAtReader, provider: Provider
) -> None:
    """Decision 29."""
    provider.settings = provider.settings.model_copy(update={"number_mode": "typed"})
    auth_req_id = ask(client, card)
    shown = card.sees().number
    assert shown is not None
    assert (shown.mode, shown.length) == ("typed", 2)
    card.approve(NUMBER)
    assert client.poll(auth_req_id).status_code == 200


@pytest.mark.parametrize("decision", ["approve", "refuse"])
@pytest.mark.parametrize("mode", ["ping", "push"])
def test_the_client_that_waits_to_be_told_is_told(
    app: Flask, provider: Provider, card: CardAtReader, mode: str, decision: str
) -> None:
    """CIBA Core 10.2 and 10.3."""
    add_notified_client(provider, mode, "notified")
    client = service(app, "notified")
    ask(client, card, client_notification_token="n" * 32)
    before = len(queued(provider, "ciba"))
    if decision == "approve":
        card.approve(NUMBER)
    else:
        card.refuse()
    assert len(queued(provider, "ciba")) == before + 1
