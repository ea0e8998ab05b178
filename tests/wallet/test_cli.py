"""`ecps-wallet`, against the real provider in this process."""

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from idp.store.models import Challenge
from tests.conftest import BASE_URL, DEV_SECRET, provider_of
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    ask_signin,
    mailed_qr,
    other_number,
    sms_code,
    tells_pin,
)
from wallet_sim.cli import COMMANDS, main
from wallet_sim.cli.common import Shell


@pytest.fixture
def home(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A phone's home; commands reach the application in this process."""
    shell = partial(Shell, transport=Network(app), clock=provider_of(app).clock)
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)
    monkeypatch.setenv("ECPS_DEV_SECRET", DEV_SECRET)
    return tmp_path / "phone"


def run(home: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments], input=typed)


def enrol_by_outbox(home: Path) -> Result:
    return run(home, "enrol", "--idp", BASE_URL, "--national-id", PERSON, "--pin", PIN, "--outbox")


@pytest.fixture
def enrolled(home: Path) -> Path:
    result = enrol_by_outbox(home)
    assert result.exit_code == 0, result.output
    return home


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output


@pytest.mark.parametrize(
    "command", ["approve --pin 1", "refuse", "status", "pending", "recover", "delete --yes"]
)
def test_empty_phone_says_so_with_status_1(home: Path, command: str) -> None:
    result = run(home, *command.split())
    assert result.exit_code == 1
    assert "not_enrolled" in result.output
    assert "Traceback" not in result.output


def test_outbox_without_the_secret_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECPS_DEV_SECRET")
    result = enrol_by_outbox(home)
    assert result.exit_code == 1
    assert "ECPS_DEV_SECRET" in result.output


def test_outbox_with_a_wrong_secret_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECPS_DEV_SECRET", "wrong")
    assert enrol_by_outbox(home).exit_code == 1


def test_enrol_by_outbox_in_one_command(home: Path) -> None:
    result = enrol_by_outbox(home)
    assert result.exit_code == 0, result.output
    assert PERSON in result.stdout
    assert not tells_pin(result.output)


def test_enrol_asks_for_what_it_is_not_given(
    app: Flask, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "qr.png"
    answers: list[str] = []

    def type_for_person(text: str, **_options: object) -> str:
        if "QR" in text:
            picture.write_bytes(mailed_qr(app, PERSON))
            answers.append(str(picture))
        elif "SMS" in text:
            assert "**" in text
            answers.append(sms_code(app, PERSON))
        else:
            answers.append(PIN)
        return answers[-1]

    monkeypatch.setattr("click.prompt", type_for_person)
    result = run(home, "enrol", "--idp", BASE_URL, "--national-id", PERSON, "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["national_id"] == PERSON
    assert len(answers) == 3


def test_refused_identifier_is_told(home: Path) -> None:
    result = run(
        home, "enrol", "--idp", BASE_URL, "--national-id", PERSON[1:], "--pin", PIN, "--outbox"
    )
    assert result.exit_code == 1
    assert "identifier_lacks_type" in result.output


def test_approve_with_the_number_of_the_page(app: Flask, enrolled: Path) -> None:
    asked = ask_signin(app)
    result = run(enrolled, "approve", "--pin", PIN, "--number", str(asked.number), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["challenge_id"] == asked.challenge_id
    assert "Service de démonstration" in result.stderr


def test_approve_auto_reads_the_number_as_a_person_would(app: Flask, enrolled: Path) -> None:
    ask_signin(app)
    result = run(enrolled, "approve", "--pin-stdin", "--auto", "--wait", "1", typed=f"{PIN}\n")
    assert result.exit_code == 0, result.output


def test_pin_may_come_from_the_environment(
    app: Flask, enrolled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 42."""
    monkeypatch.setenv("ECPS_WALLET_PIN", PIN)
    asked = ask_signin(app)
    assert run(enrolled, "approve", "--number", str(asked.number)).exit_code == 0


def test_a_plain_pin_of_a_real_provider_is_warned_of(app: Flask, enrolled: Path) -> None:
    """Decision 42: on the command line, not from the environment; not in a simulation."""
    assert "Warning" not in run(enrolled, "approve", "--pin", PIN).output
    belong_to_a_real_provider(enrolled)
    challenge = ask_signin(app)
    plain = run(enrolled, "approve", "--pin", PIN, "--number", str(challenge.number))
    assert plain.exit_code == 0
    assert "Warning: other users of this machine can read a PIN" in plain.output


def belong_to_a_real_provider(home: Path) -> None:
    """As a phone that enrolled with a real provider holds it."""
    path = home / "phone.json"
    state = json.loads(path.read_text())
    state["configuration"]["simulation"] = False
    path.write_text(json.dumps(state))


def test_wrong_pin_and_wrong_number_end_with_status_1(app: Flask, enrolled: Path) -> None:
    asked = ask_signin(app)
    wrong_pin = run(enrolled, "approve", "--pin", "9753", "--number", str(asked.number))
    assert wrong_pin.exit_code == 1
    assert "wrong_pin" in wrong_pin.output
    assert "tries_left=2" in wrong_pin.output
    wrong_number = run(enrolled, "approve", "--pin", PIN, "--number", other_number(asked))
    assert wrong_number.exit_code == 1
    assert "wrong_number" in wrong_number.output


def test_number_and_auto_exclude_each_other(enrolled: Path) -> None:
    result = run(enrolled, "approve", "--pin", PIN, "--number", "42", "--auto")
    assert result.exit_code == 2


def test_approve_waits_no_longer_than_told(enrolled: Path) -> None:
    result = run(enrolled, "approve", "--pin", PIN, "--auto", "--wait", "0")
    assert result.exit_code == 1
    assert "nothing_pending" in result.output


def test_pending_shows_the_document(app: Flask, enrolled: Path) -> None:
    asked = ask_signin(app)
    result = run(enrolled, "pending", "--json")
    assert [each["challenge_id"] for each in json.loads(result.stdout)] == [asked.challenge_id]
    assert "Service de démonstration" in run(enrolled, "pending").stdout


def test_refuse_not_me(app: Flask, enrolled: Path) -> None:
    asked = ask_signin(app)
    result = run(enrolled, "refuse", "--not-me", "--json")
    assert json.loads(result.stdout) == {
        "outcome": "refused",
        "challenge_id": asked.challenge_id,
    }
    assert run(enrolled, "refuse").exit_code == 1


def test_change_pin_then_the_old_one_is_wrong(app: Flask, enrolled: Path) -> None:
    result = run(enrolled, "change-pin", "--pin-stdin", typed=f"{PIN}\n1379\n")
    assert result.exit_code == 0, result.output
    ask_signin(app)
    assert "wrong_pin" in run(enrolled, "approve", "--pin", PIN, "--auto").output
    assert run(enrolled, "approve", "--pin", "1379", "--auto").exit_code == 0


def test_status_recover_and_delete(enrolled: Path) -> None:
    assert json.loads(run(enrolled, "status", "--json").stdout)["provider"]["state"] == "active"
    assert json.loads(run(enrolled, "recover", "--json").stdout) == {"outcome": None}
    assert run(enrolled, "delete", "--yes").exit_code == 0
    assert "not_enrolled" in run(enrolled, "status").output


def test_watch_shows_each_request_and_does_what_it_is_told(app: Flask, enrolled: Path) -> None:
    """Newest first; the end of the input ends it, as Ctrl-C does."""
    left, refused, approved = (ask_signin(app) for _ in range(3))
    typed = f"a\n{approved.number}\n{PIN}\nr\n"
    result = run(enrolled, "watch", typed=typed)
    assert result.exit_code == 1
    assert result.output.index("Approved.") < result.output.index("Refused.")
    assert "Aborted!" in result.output
    with provider_of(app).store.read() as db:
        states = [
            db.get_one(Challenge, each.challenge_id).state for each in (left, refused, approved)
        ]
    assert states == ["pending", "refused", "approved"]
