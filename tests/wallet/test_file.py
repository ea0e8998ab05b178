"""The phone's one file: who may read it, who may write it, what it never holds."""

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from tests.wallet.helpers import PIN, Network, ask_signin, other_number, stolen
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import (
    CloneSuspected,
    FileRefused,
    NotEnrolled,
    PhoneInUse,
    WrongNumber,
    WrongPin,
)
from wallet_sim.file import PhoneFile
from wallet_sim.keys import Kdf, derive_pin_key
from wallet_sim.phone import Phone

NEW_PIN = "1379"


def test_empty_phone_says_that_it_is_not_enrolled(tmp_path: Path) -> None:
    with PhoneFile(tmp_path).hold() as held, pytest.raises(NotEnrolled):
        _ = held.state


def test_file_and_folder_are_the_owners_alone(phone: Phone) -> None:
    """The device key lies in it in clear: 0600, under 0700."""
    assert stat.S_IMODE(phone.file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(phone.file.path.parent.stat().st_mode) == 0o700


def test_file_that_others_can_read_is_refused(phone: Phone) -> None:
    phone.file.path.chmod(0o644)
    with pytest.raises(FileRefused, match="chmod 600"):
        phone.stage()


def test_damaged_file_is_refused_without_showing_what_it_holds(phone: Phone) -> None:
    """Attack 45: an error message is no place for a device key."""
    content = json.loads(phone.file.path.read_text())
    content["counter"] = "many"
    phone.file.path.write_text(json.dumps(content))
    with pytest.raises(FileRefused) as refused:
        phone.stage()
    assert content["device_key"]["d"] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_file_has_no_room_for_anything_else(phone: Phone) -> None:
    """Decision 21: a member that the phone does not know, such as a kept signature, is refused."""
    content = json.loads(phone.file.path.read_text())
    content["last_signature"] = "AAAA"
    phone.file.path.write_text(json.dumps(content))
    with pytest.raises(FileRefused, match="last_signature"):
        phone.stage()


def _try_to_hold(home: Path, told: "multiprocessing.Queue[str]") -> None:
    try:
        with PhoneFile(home, patience=0).hold():
            told.put("held")
    except PhoneInUse:
        told.put("in use")


def test_another_process_cannot_use_the_phone_meanwhile(tmp_path: Path) -> None:
    """Decision 21: one process at a time."""
    told: multiprocessing.Queue[str] = multiprocessing.get_context("spawn").Queue()
    context = multiprocessing.get_context("spawn")
    with PhoneFile(tmp_path).hold():
        other = context.Process(target=_try_to_hold, args=(tmp_path, told))
        other.start()
        assert told.get(timeout=30) == "in use"
        other.join()
    other = context.Process(target=_try_to_hold, args=(tmp_path, told))
    other.start()
    assert told.get(timeout=30) == "held"
    other.join()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_kill_while_writing_leaves_the_file_as_it_was(
    phone: Phone, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = phone.file.path.read_bytes()

    class Killed(BaseException):
        """Stands for the end of the process."""

    def die(*_arguments: object) -> None:
        raise Killed

    with phone.file.hold() as held:
        held.state.roll = "half-written"
        if step == "fsync":
            monkeypatch.setattr(os, "fsync", die)
        else:
            monkeypatch.setattr(Path, "replace", die)
        with pytest.raises(Killed):
            held.save()
    monkeypatch.undo()
    assert phone.file.path.read_bytes() == before
    with phone.file.hold() as held:
        held.save()
        assert stat.S_IMODE(held._path.stat().st_mode) == 0o600


def test_the_file_never_holds_what_would_tell_a_pin(app: Flask, phone: Phone) -> None:
    """Attacks 1 and 2: after sign-ins, wrong PINs and a PIN change, nothing to test PINs with."""
    states = [phone.file.path.read_text()]
    asked = ask_signin(app)
    with pytest.raises(WrongPin):
        phone.approve("9753", asked.number)
    states.append(phone.file.path.read_text())
    phone.approve(PIN, asked.number)
    states.append(phone.file.path.read_text())
    with pytest.raises(WrongNumber):
        phone.approve(PIN, other_number(ask_signin(app)))
    phone.change_pin(PIN, NEW_PIN)
    states.append(phone.file.path.read_text())
    for text in states:
        content = json.loads(text)
        for pin in (PIN, NEW_PIN):
            numbers = _pin_key(content, pin)
            for secret in (numbers.private_value, numbers.public_numbers.x):
                raw = secret.to_bytes(32, "big")
                assert raw.hex() not in text
                assert b64url(raw) not in text
            assert f'"{pin}"' not in text
        for word in ("signature", "attestation", "clientData", "authenticatorData", "assertion"):
            assert word not in text
        assert set(content) == {
            "version",
            "base_url",
            "device_key",
            "configuration",
            "pinned",
            "enrolment",
            "identity",
            "credential",
            "next_credential",
            "counter",
            "roll",
            "in_flight",
            "posture",
            "history",
        }
        assert set(content["credential"]) == {
            "credential_id",
            "salt",
            "log2_n",
            "r",
            "p",
            "policy_version",
        }


def test_in_flight_the_file_holds_the_request_and_the_counter_alone(
    app: Flask, phone: Phone, network: Network
) -> None:
    """Decision 21."""
    seen: list[dict[str, object]] = []
    handle = network.handle_request

    def look(request: object) -> object:
        seen.append(json.loads(phone.file.path.read_text()))
        return handle(request)  # type: ignore[arg-type]

    asked = ask_signin(app)
    network.handle_request = look  # type: ignore[method-assign,assignment]
    phone.approve(PIN, asked.number)
    in_flight = [content["in_flight"] for content in seen if content["in_flight"]]
    assert len(in_flight) == 1
    assert isinstance(in_flight[0], dict)
    assert set(in_flight[0]) == {"request_id", "counter"}
    assert json.loads(phone.file.path.read_text())["in_flight"] is None


def test_no_other_file_appears_in_the_phones_home(app: Flask, phone: Phone) -> None:
    """Attack 2: no history, no queue, no log."""
    phone.approve(PIN, ask_signin(app).number)
    assert {each.name for each in phone.file.path.parent.iterdir()} == {"phone.json", "phone.lock"}


def test_old_copy_of_the_file_is_dead_after_a_pin_change(
    app: Flask, phone: Phone, tmp_path: Path
) -> None:
    """Attack 12: the copy is refused before any PIN is looked at."""
    old = phone.file.path.read_bytes()
    phone.change_pin(PIN, NEW_PIN)
    thief = stolen(app, tmp_path / "thief", old)
    with pytest.raises(CloneSuspected):
        thief.approve(PIN, ask_signin(app).number)


def _pin_key(content: dict[str, dict[str, str]], pin: str) -> ec.EllipticCurvePrivateNumbers:
    credential = content["credential"]
    kdf = Kdf(int(credential["log2_n"]), int(credential["r"]), int(credential["p"]))
    key = derive_pin_key(bytearray(pin.encode()), from_b64url(credential["salt"]), kdf)
    return key.private_numbers()
