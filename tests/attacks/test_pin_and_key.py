"""The PIN and its key: a thief of the phone's file, a guesser, a cut (attacks 3 to 12)."""

import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.devices import evaluation
from idp.devices.assertion import PresentedAssertion, is_signed_by
from idp.provider import open_provider
from tests.attacks.attacker import Act, Together, at_once, open_phone
from tests.attacks.helpers import browse_to_number, browser_at, state_on
from tests.conftest import make_settings
from tests.devices.helpers import Bench
from tests.devices.phone_driver import b64
from tests.signin.helpers import SOMEBODY_ELSE, add_client
from tests.statements import Statements
from tests.wallet.helpers import PERSON, PIN, Network, ask_signin, enrol, new_phone, stolen
from tests.wallet.test_pin_change import CUTS, NEW, WRONG, valid_pins
from wallet_sim.errors import (
    Blocked,
    CloneSuspected,
    DeviceInactive,
    Locked,
    NoAnswer,
    PhoneError,
    WrongPin,
)
from wallet_sim.phone import Phone

LOCK_FIRST, LOCK_SECOND, DAY = 300, 3600, 24 * 3600


def wrong_pins(bench: Bench, phone: Phone, count: int) -> PhoneError:
    """Type a wrong PIN so many times into one sign-in; gives the last refusal."""
    asked = ask_signin(bench.app)
    for _ in range(count):
        with pytest.raises((WrongPin, Blocked)) as refused:
            phone.approve(WRONG, asked.number)
    return refused.value


def wait(bench: Bench, seconds: float) -> None:
    bench.advance(timedelta(seconds=seconds))


def counts(bench: Bench, phone: Phone) -> tuple[int, int]:
    """Wrong PINs in a row, and over the credential's life."""
    device = bench.device(open_phone(phone))
    return device.failures, device.lifetime_failures


def copies(bench: Bench, folder: Path, content: bytes, number: int) -> list[Phone]:
    """So many phones from one file, whose answers arrive at one moment."""
    together = Together(bench.app, threading.Barrier(number))
    homes = [folder / f"copy{count}" for count in range(number)]
    for home in homes:
        stolen(bench.app, home, content)
    return [Phone(home, transport=together, clock=bench.provider.clock) for home in homes]


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each PIN that the provider looked at."""
    looked_at: list[object] = []

    def listen(presented: PresentedAssertion, public_key: bytes, **expected: Any) -> bool:
        looked_at.append(presented)
        return is_signed_by(presented, public_key, **expected)

    monkeypatch.setattr(evaluation, "is_signed_by", listen)
    return looked_at


def test_nine_wrong_pins_block_and_the_right_one_comes_too_late(
    bench: Bench, tmp_path: Path
) -> None:
    """Attack 3 (wrong PIN nine times): for good, on the pages as on the phone."""
    add_client(bench.provider)
    phone, browser = enrol(bench.app, tmp_path / "phone"), browser_at(bench.app)
    for seconds in (LOCK_FIRST, LOCK_SECOND):
        assert isinstance(wrong_pins(bench, phone, 3), WrongPin)
        wait(bench, seconds + 1)
    assert isinstance(wrong_pins(bench, phone, 3), Blocked)
    wait(bench, 30 * DAY)
    page, number = browse_to_number(browser)
    with pytest.raises(DeviceInactive) as refused:
        phone.approve(PIN, number)
    assert refused.value.state == "blocked"
    assert state_on(browser, page) == "pending"
    assert "code=" not in browser.get(page + "/finish").headers.get("Location", "")
    assert counts(bench, phone) == (9, 9)


def test_the_right_pin_is_not_even_looked_at_while_the_wait_runs(
    bench: Bench, tmp_path: Path, evaluations: list[object]
) -> None:
    """Attack 4 (right PIN while locked): same answer, same statements, no evaluation."""
    phone = enrol(bench.app, tmp_path / "phone")
    wrong_pins(bench, phone, 3)
    asked = ask_signin(bench.app)
    (challenge,) = phone.pending()
    seen = []
    for pin in (WRONG, PIN, WRONG, PIN):
        with Statements(bench.provider) as statements, pytest.raises(Locked) as refused:
            phone.approve(pin, asked.number, challenge)
        seen.append((refused.value.members, list(statements)))
    assert all(each == seen[0] for each in seen)
    assert len(evaluations) == 3
    assert counts(bench, phone) == (3, 3)
    assert bench.challenge(asked.challenge_id).tries == 0


def test_fifty_guesses_at_one_moment_count_as_many_as_were_looked_at(
    bench: Bench, tmp_path: Path, evaluations: list[object]
) -> None:
    """Attack 5 (parallel guesses): fifty copies of the file, three sign-ins, one moment."""
    content = enrol(bench.app, tmp_path / "phone").file.path.read_bytes()
    asked = [ask_signin(bench.app) for _ in range(3)]
    acts: list[Act] = []
    for count, thief in enumerate(copies(bench, tmp_path, content, 50)):
        challenge = next(
            each for each in thief.pending() if each.challenge_id == asked[count % 3].challenge_id
        )
        guess = partial(thief.approve, f"{5000 + count}", asked[count % 3].number, challenge)
        acts.append(guess)
    codes = at_once(acts)
    assert set(codes) <= {"wrong_pin", "clone_suspected", "device_inactive"}
    assert codes.count("wrong_pin") == len(evaluations) == 1
    device = bench.device(open_phone(tmp_path / "phone" / "phone.json"))
    assert (device.failures, device.lifetime_failures) == (1, 1)
    # One phone never sends two answers under one rolling token.
    assert device.state == "suspended"
    assert max(bench.challenge(each.challenge_id).tries for each in asked) == 1


def test_a_stranger_cannot_use_up_the_tries_of_a_victim(
    one: Bench, phone: Phone, evaluations: list[object]
) -> None:
    """Attack 6 (garbage of a stranger): a thousand answers under another device key."""
    asked = ask_signin(one.app)
    stranger = open_phone(phone, WRONG)
    stranger.key = ECKey.generate_key("P-256")
    path = f"/challenges/{asked.challenge_id}/answer"
    document = {**asked.document, "nonce": asked.nonce, "device_id": stranger.device_id}
    members = [stranger.approval(document, str(asked.number)) for _ in range(10)]
    answers = set()
    for count in range(1000):
        response = one.post(path, stranger.sign(path, members[count % 10]))
        answers.add((response.status_code, response.get_json()["code"]))
    assert answers == {(401, "not_recognised")}
    assert evaluations == []
    assert counts(one, phone) == (0, 0)
    assert phone.approve(PIN, asked.number).failures_since_success == 0


def test_sign_in_and_pin_change_share_one_counter(bench: Bench, tmp_path: Path) -> None:
    """Attack 7 (guessing by turns): nine tries in all, whatever asks for the PIN."""
    phone = enrol(bench.app, tmp_path / "phone")

    def approve() -> None:
        phone.approve(WRONG, ask_signin(bench.app).number)

    def change() -> None:
        phone.change_pin(WRONG, NEW)

    for count in range(1, 9):
        with pytest.raises(WrongPin) as refused:
            (approve, change)[count % 2]()
        assert refused.value.tries_left == (3 - count % 3 if count % 3 else None)
        assert counts(bench, phone) == (count, count)
        if count % 3 == 0:
            for act in (approve, change):
                with pytest.raises(Locked):
                    act()
            wait(bench, LOCK_SECOND + 1)
    with pytest.raises(Blocked):
        change()
    with pytest.raises(DeviceInactive):
        phone.change_pin(PIN, NEW)


def test_sign_in_and_pin_change_guessed_at_one_moment_count_what_was_looked_at(
    bench: Bench, tmp_path: Path, evaluations: list[object]
) -> None:
    """Attack 7 (guessing by turns): both doors at once, eight copies of the file."""
    content = enrol(bench.app, tmp_path / "phone").file.path.read_bytes()
    asked = ask_signin(bench.app)
    acts: list[Act] = []
    for count, thief in enumerate(copies(bench, tmp_path, content, 8)):
        approve = partial(thief.approve, WRONG, asked.number)
        acts.append(approve if count % 2 else partial(thief.change_pin, WRONG, NEW))
    codes = at_once(acts)
    assert codes.count("wrong_pin") == len(evaluations) == 1
    assert set(codes) <= {"wrong_pin", "clone_suspected", "device_inactive"}
    device = bench.device(open_phone(tmp_path / "phone" / "phone.json"))
    assert (device.failures, device.lifetime_failures) == (1, 1)


@pytest.mark.parametrize("whose", ["the same person", "another person"])
def test_a_success_on_one_phone_leaves_the_count_of_another(
    sqlite_url: str, master_key: str, tmp_path: Path, whose: str
) -> None:
    """Attack 8 (reset by another phone)."""
    bench = Bench(open_provider(make_settings(sqlite_url, master_key, max_devices=2)))
    owner = PERSON if whose == "the same person" else SOMEBODY_ELSE
    first = enrol(bench.app, tmp_path / "first")
    second = enrol(bench.app, tmp_path / "second", owner)
    wrong_pins(bench, first, 2)
    for _ in range(2):
        second.approve(PIN, ask_signin(bench.app, owner).number)
    assert counts(bench, first) == (2, 2)
    assert counts(bench, second) == (0, 0)
    with pytest.raises(WrongPin) as refused:
        first.approve(WRONG, ask_signin(bench.app).number)
    assert refused.value.retry_at is not None
    bench.provider.store.close()


@pytest.mark.parametrize("seconds", [-200 * DAY, -LOCK_FIRST, DAY, 200 * DAY])
def test_time_gives_no_try_back(bench: Bench, tmp_path: Path, seconds: int) -> None:
    """Attack 9 (clock set back, or waiting): only a full success resets the count."""
    wait(bench, 500 * DAY)
    phone = enrol(bench.app, tmp_path / "phone")
    wrong_pins(bench, phone, 2)
    phone.refuse()
    wait(bench, seconds)
    assert counts(bench, phone) == (2, 2)
    refused = wrong_pins(bench, phone, 1)
    assert isinstance(refused, WrongPin)
    assert refused.retry_at is not None
    wait(bench, seconds)
    if seconds < 0:
        with pytest.raises(Locked):
            phone.approve(PIN, ask_signin(bench.app).number)
        wait(bench, LOCK_FIRST - seconds + 1)
    assert counts(bench, phone) == (3, 3)
    assert phone.approve(PIN, ask_signin(bench.app).number).failures_since_success == 3
    assert counts(bench, phone) == (0, 3)


def test_a_wrong_old_pin_is_counted_and_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    """Attack 10 (PIN change without the PIN)."""
    phone = enrol(bench.app, tmp_path / "phone")
    before = bench.device(open_phone(phone))
    with pytest.raises(WrongPin):
        phone.change_pin(WRONG, NEW)
    after = bench.device(open_phone(phone))
    assert (after.failures, after.lifetime_failures) == (1, 1)
    assert (after.credential_id, after.pin_key_sealed, after.pin_generation) == (
        before.credential_id,
        before.pin_key_sealed,
        before.pin_generation,
    )
    assert after.next_credential_id is None
    assert phone.approve(PIN, ask_signin(bench.app).number).failures_since_success == 1


@pytest.mark.parametrize(("path", "request_lost"), [*CUTS, ("/outcome", True), ("/outcome", False)])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_cut_pin_change_leaves_exactly_one_pin_valid(
    one: Bench, tmp_path: Path, path: str, *, request_lost: bool, restarted: bool
) -> None:
    """Attack 11 (network cut): start, begin, commit, and the question after a lost answer."""
    network = Network(one.app)
    phone = enrol(one.app, tmp_path / "phone", transport=network)
    first_cut = "/pin-change/begin" if path == "/outcome" else path
    with network.cut(first_cut, request_lost=request_lost), pytest.raises(NoAnswer):
        phone.change_pin(PIN, NEW)
    if path == "/outcome":
        with network.cut(path, request_lost=request_lost), pytest.raises(NoAnswer):
            phone.recover()
    if restarted:
        phone = new_phone(one.app, phone.file.path.parent)
    phone.recover()
    device = one.device(open_phone(phone))
    assert device.next_credential_id is None
    assert device.credential_id == b64(open_phone(phone).credential_id)
    valid = valid_pins(one.app, phone)
    assert valid == ({NEW} if path.endswith("commit") else {PIN})
    phone.change_pin(valid.pop(), "8642")
    phone.approve("8642", ask_signin(one.app).number)


def test_the_old_file_with_the_old_pin_is_dead_after_a_pin_change(
    bench: Bench, tmp_path: Path, evaluations: list[object]
) -> None:
    """Attack 12 (old copy, old PIN): neither as it is, nor brought up to date by the thief."""
    phone = enrol(bench.app, tmp_path / "phone")
    old = phone.file.path.read_bytes()
    phone.change_pin(PIN, NEW)
    looked_at = len(evaluations)
    # With rolling token and counter of the new file, and the old salt and credential.
    thief = open_phone(stolen(bench.app, tmp_path / "thief", old))
    current = open_phone(phone)
    thief.roll, thief.counter = current.roll, current.counter
    assert bench.sign_in(thief).get_json()["code"] == "malformed"
    assert len(evaluations) == looked_at
    # Under the new credential's name the old key is a wrong PIN like any other.
    thief.credential_id = current.credential_id
    answer = bench.sign_in(thief).get_json()
    assert (answer["code"], answer["tries_left"]) == ("wrong_pin", 2)
    # As it was copied: told by its rolling token, before any PIN is looked at.
    looked_at = len(evaluations)
    copy = stolen(bench.app, tmp_path / "copy", old)
    with pytest.raises(CloneSuspected):
        copy.approve(PIN, ask_signin(bench.app).number)
    assert len(evaluations) == looked_at
