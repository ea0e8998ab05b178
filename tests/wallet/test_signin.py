"""Answering a sign-in, against the real provider in this process."""

from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    advance,
    ask_signin,
    enrol,
    new_phone,
    other_number,
    stolen,
)
from wallet_sim.errors import (
    Blocked,
    ChallengeClosed,
    CloneSuspected,
    DeviceInactive,
    Locked,
    NoAnswer,
    NothingPending,
    NotRecognised,
    NumberNotOffered,
    WrongNumber,
    WrongPin,
)
from wallet_sim.phone import Phone

WRONG = "9753"


def three_wrong_pins(app: Flask, phone: Phone) -> WrongPin:
    asked = ask_signin(app)
    for left in (2, 1):
        with pytest.raises(WrongPin) as refused:
            phone.approve(WRONG, asked.number)
        assert refused.value.tries_left == left
    with pytest.raises(WrongPin) as refused:
        phone.approve(WRONG, asked.number)
    return refused.value


def test_nothing_to_approve_while_nothing_waits(phone: Phone) -> None:
    with pytest.raises(NothingPending):
        phone.approve(PIN, "42")


def test_number_that_was_not_offered_is_never_sent(
    app: Flask, phone: Phone, network: Network
) -> None:
    asked = ask_signin(app)
    offered = set(asked.document["number"]["options"])
    foreign = next(f"{value:02d}" for value in range(100) if f"{value:02d}" not in offered)
    for number in (None, foreign, "7"):
        with pytest.raises(NumberNotOffered):
            phone.approve(PIN, number)
    assert not [path for path in network.paths if path.endswith("/answer")]


def test_right_pin_and_number_approve(app: Flask, phone: Phone) -> None:
    asked = ask_signin(app)
    approval = phone.approve(PIN, asked.number)
    assert approval.challenge_id == asked.challenge_id
    assert approval.failures_since_success == 0
    assert approval.completion is None
    assert phone.pending() == []


def test_same_device_sign_in_gives_a_completion(app: Flask, phone: Phone) -> None:
    """Decision 25."""
    asked = ask_signin(app, same_device=True)
    assert phone.approve(PIN, asked.number).completion


def test_wrong_pin_leaves_the_question_as_it_was_but_for_its_nonce(
    app: Flask, phone: Phone
) -> None:
    """Decision 20."""
    asked = ask_signin(app)
    shown = phone.pending()[0]
    with pytest.raises(WrongPin) as refused:
        phone.approve(WRONG, asked.number, shown)
    fresh = refused.value.challenge
    assert fresh.nonce != shown.nonce
    assert fresh.is_same_question(shown)
    approval = phone.approve(PIN, asked.number, fresh)
    assert approval.failures_since_success == 1


def test_three_wrong_pins_lock_and_the_right_one_is_not_looked_at(
    app: Flask, phone: Phone, provider: Provider
) -> None:
    """Decision 19, attack 4."""
    refused = three_wrong_pins(app, phone)
    assert refused.challenge is None
    assert refused.retry_at is not None
    asked = ask_signin(app)
    with pytest.raises(Locked) as locked:
        phone.approve(PIN, asked.number)
    assert locked.value.retry_at == refused.retry_at
    advance(provider, 301)
    assert phone.approve(PIN, ask_signin(app).number).failures_since_success == 3


def test_nine_wrong_pins_block_for_good(app: Flask, phone: Phone, provider: Provider) -> None:
    """Attacks 3 and 9."""
    for wait in (301, 3601):
        three_wrong_pins(app, phone)
        advance(provider, wait)
    with pytest.raises(Blocked):
        three_wrong_pins(app, phone)
    advance(provider, 86400)
    asked = ask_signin(app)
    with pytest.raises((Blocked, DeviceInactive)):
        phone.approve(PIN, asked.number)


def test_wrong_number_kills_the_request(app: Flask, phone: Phone) -> None:
    """Decision 20, attack 26."""
    asked = ask_signin(app)
    shown = phone.pending()[0]
    with pytest.raises(WrongNumber):
        phone.approve(PIN, other_number(asked), shown)
    with pytest.raises(ChallengeClosed):
        phone.approve(PIN, asked.number, shown)
    assert phone.approve(PIN, ask_signin(app).number).failures_since_success == 0


@pytest.mark.parametrize("reason", ["cancelled", "unknown_trigger"])
def test_refusing_takes_no_pin_and_ends_the_request(app: Flask, phone: Phone, reason: str) -> None:
    ask_signin(app)
    shown = phone.pending()[0]
    phone.refuse("cancelled" if reason == "cancelled" else "unknown_trigger")
    assert phone.pending() == []
    with pytest.raises(ChallengeClosed):
        phone.refuse("cancelled", shown)


@pytest.mark.parametrize("request_lost", [True, False])
def test_lost_answer_is_found_again(
    app: Flask, phone: Phone, network: Network, *, request_lost: bool
) -> None:
    """Decision 21: the file knows only the request id; the provider tells the rest."""
    asked = ask_signin(app)
    with network.cut("/answer", request_lost=request_lost), pytest.raises(NoAnswer):
        phone.approve(PIN, asked.number)
    recovered = phone.recover()
    assert recovered is not None
    assert recovered.outcome == ("never_arrived" if request_lost else "approved")
    assert phone.recover() is None
    again = asked if request_lost else ask_signin(app)
    assert phone.approve(PIN, again.number).challenge_id == again.challenge_id


def test_lost_answer_is_found_by_the_next_use_of_another_process(
    app: Flask, phone: Phone, network: Network
) -> None:
    """Decision 21: the rolling token is not lost with the process."""
    asked = ask_signin(app)
    with network.cut("/answer", request_lost=False), pytest.raises(NoAnswer):
        phone.approve(PIN, asked.number)
    later = new_phone(app, phone.file.path.parent)
    assert later.approve(PIN, ask_signin(app).number).failures_since_success == 0


def test_lost_wrong_pin_counts_once(app: Flask, phone: Phone, network: Network) -> None:
    asked = ask_signin(app)
    with network.cut("/answer", request_lost=False), pytest.raises(NoAnswer):
        phone.approve(WRONG, asked.number)
    recovered = phone.recover()
    assert recovered is not None
    assert isinstance(recovered.refusal, WrongPin)
    assert recovered.refusal.tries_left == 2
    assert phone.approve(PIN, asked.number).failures_since_success == 1


def test_two_phones_from_one_file_are_suspended(app: Flask, phone: Phone, tmp_path: Path) -> None:
    """Attack 19: each used once; the second stops before any PIN is looked at."""
    copy = stolen(app, tmp_path / "copy", phone.file.path.read_bytes())
    phone.approve(PIN, ask_signin(app).number)
    with pytest.raises(CloneSuspected):
        copy.approve(PIN, ask_signin(app).number)
    with pytest.raises(DeviceInactive) as refused:
        phone.pending()
    assert refused.value.state == "suspended"


def test_new_phone_ends_the_old_one(app: Flask, phone: Phone, tmp_path: Path) -> None:
    """Decision 16."""
    enrol(app, tmp_path / "new", PERSON, "1379")
    with pytest.raises(DeviceInactive) as refused:
        phone.pending()
    assert refused.value.state == "revoked"


def test_deleted_phone_is_empty_and_unknown(app: Flask, phone: Phone, tmp_path: Path) -> None:
    copy = stolen(app, tmp_path / "copy", phone.file.path.read_bytes())
    phone.delete()
    assert phone.stage() == "empty"
    assert not phone.file.path.exists()
    with pytest.raises((DeviceInactive, NotRecognised)):
        copy.pending()


def test_phone_follows_the_signed_time_of_its_provider(
    app: Flask, phone: Phone, provider: Provider
) -> None:
    """Decision 5: a phone whose own clock is hours late sets it and asks again."""

    class StoppedClock:
        def __init__(self) -> None:
            self._at = provider.clock.timestamp() - 7200

        def timestamp(self) -> int:
            return self._at

    late = Phone(phone.file.path.parent, transport=Network(app), clock=StoppedClock())
    asked = ask_signin(app)
    assert late.approve(PIN, asked.number).challenge_id == asked.challenge_id


def test_status_names_the_state_and_the_person(phone: Phone) -> None:
    status = phone.status()
    assert status.identity.national_id == PERSON
    assert status.provider["state"] == "active"
