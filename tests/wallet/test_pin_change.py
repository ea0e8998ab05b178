"""Changing the PIN, with the network cut at each point (attacks 10, 11, 12)."""

from pathlib import Path

import pytest
from flask import Flask

from tests.wallet.helpers import PIN, Network, ask_signin, new_phone
from wallet_sim.errors import NoAnswer, PinRefused, WrongPin
from wallet_sim.phone import Phone

NEW = "1379"
WRONG = "9753"

CUTS = [
    ("/pin-change/start", True),
    ("/pin-change/start", False),
    ("/pin-change/begin", True),
    ("/pin-change/begin", False),
    ("/pin-change/commit", True),
    ("/pin-change/commit", False),
]


def valid_pins(app: Flask, phone: Phone) -> set[str]:
    """The PINs that approve a sign-in now."""
    valid = set()
    for pin in (PIN, NEW):
        try:
            phone.approve(pin, ask_signin(app).number)
        except WrongPin:
            continue
        valid.add(pin)
    return valid


def test_wrong_old_pin_counts_and_changes_nothing(app: Flask, phone: Phone) -> None:
    """Attack 10: one counter for all that asks for the PIN."""
    with pytest.raises(WrongPin) as refused:
        phone.change_pin(WRONG, NEW)
    assert refused.value.tries_left == 2
    assert phone.approve(PIN, ask_signin(app).number).failures_since_success == 1


@pytest.mark.parametrize("weak", ["1111", "1234", "9876", "258", "258013579"])
def test_weak_pin_is_refused_before_anything_is_sent(
    phone: Phone, network: Network, weak: str
) -> None:
    """Decision 22."""
    with pytest.raises(PinRefused):
        phone.change_pin(PIN, weak)
    assert not [path for path in network.paths if "/pin-change/" in path]


def test_new_pin_alone_is_valid_afterwards(app: Flask, phone: Phone) -> None:
    phone.change_pin(PIN, NEW)
    assert valid_pins(app, phone) == {NEW}
    assert phone.status().provider["pin_generation"] == 2


def test_pin_can_be_changed_again_and_again(app: Flask, phone: Phone) -> None:
    for old, new in ((PIN, NEW), (NEW, PIN), (PIN, NEW)):
        phone.change_pin(old, new)
    assert valid_pins(app, phone) == {NEW}


@pytest.mark.parametrize(("path", "request_lost"), CUTS)
def test_a_cut_leaves_exactly_one_pin_valid(
    app: Flask, phone: Phone, network: Network, path: str, *, request_lost: bool
) -> None:
    """Attack 11, the phone still running."""
    with network.cut(path, request_lost=request_lost), pytest.raises(NoAnswer):
        phone.change_pin(PIN, NEW)
    phone.recover()
    expected = {NEW} if path.endswith("commit") else {PIN}
    assert valid_pins(app, phone) == expected
    status = phone.status().provider
    assert status["next_credential_id"] is None
    phone.change_pin(expected.pop(), "8642")


@pytest.mark.parametrize(("path", "request_lost"), CUTS)
def test_a_cut_and_a_restart_leave_exactly_one_pin_valid(
    app: Flask, phone: Phone, network: Network, path: str, *, request_lost: bool
) -> None:
    """Attack 11, the process gone: only the file is left."""
    with network.cut(path, request_lost=request_lost), pytest.raises(NoAnswer):
        phone.change_pin(PIN, NEW)
    later = new_phone(app, phone.file.path.parent)
    expected = {NEW} if path.endswith("commit") else {PIN}
    assert valid_pins(app, later) == expected


@pytest.mark.parametrize("path", ["/outcome", "/status", "/pin-change/rollback"])
def test_a_cut_while_recovering_is_recovered_from(
    app: Flask, phone: Phone, network: Network, path: str
) -> None:
    """Attack 11: the cure may be cut as well."""
    with network.cut("/pin-change/begin", request_lost=False), pytest.raises(NoAnswer):
        phone.change_pin(PIN, NEW)
    with network.cut(path, request_lost=False), pytest.raises(NoAnswer):
        phone.recover()
    phone.recover()
    assert valid_pins(app, phone) == {PIN}
    phone.change_pin(PIN, NEW)
    assert valid_pins(app, phone) == {NEW}


def test_a_kill_between_the_answer_and_the_file_is_recovered_from(
    app: Flask, phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Attack 11: the provider said begun, and the phone died before it wrote so."""

    class Killed(BaseException):
        """Stands for the end of the process."""

    def die(*_arguments: object) -> None:
        raise Killed

    monkeypatch.setattr("wallet_sim.approval.settle", die)
    with pytest.raises(Killed):
        phone.change_pin(PIN, NEW)
    monkeypatch.undo()
    later = new_phone(app, phone.file.path.parent)
    later.recover()
    assert valid_pins(app, later) == {PIN}
    later.change_pin(PIN, NEW)
    assert valid_pins(app, later) == {NEW}
