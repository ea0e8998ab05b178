"""`ecps-wallet card`, against the real provider in this process."""

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Flask
from flask.testing import FlaskClient

from idp.serving.authority import ServerCertificate
from idp.settings import Settings
from tests.conftest import BASE_URL, DEV_SECRET, make_settings, provider_of
from tests.signin.helpers import add_client, begin
from tests.wallet.cards import ACTIVE, RECEIVED, MadeCard, block, letter_of
from tests.wallet.helpers import Network
from tests.wallet.listener import point
from wallet_sim.cli import main
from wallet_sim.cli.card import card
from wallet_sim.cli.common import Shell

HOLDERS = {ACTIVE: "899700990015", RECEIVED: "899700990148"}
NEW_CODE = "2580"


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture
def home(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without cards; commands reach the application in this process."""
    shell = partial(Shell, transport=Network(app), clock=provider_of(app).clock)
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)
    monkeypatch.setenv("ECPS_DEV_SECRET", DEV_SECRET)
    return tmp_path / "home"


def run(home: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "card", *arguments], input=typed)


def make(app: Flask, home: Path, number: str = ACTIVE) -> MadeCard:
    result = run(home, "make", "--idp", BASE_URL, "--number", number, "--json")
    assert result.exit_code == 0, result.output
    told = letter_of(app, number, HOLDERS[number])
    path = Path(json.loads(result.stdout)["file"])
    return MadeCard(app, path, told["code"], told["unblock_code"])


@pytest.fixture
def made(app: Flask, home: Path) -> MadeCard:
    return make(app, home)


@pytest.mark.parametrize("command", sorted(card.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(main, ["card", command, "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output


def test_no_command_tries_a_code_and_does_nothing_else() -> None:
    """Attack 40: nothing here is handier for guessing than the card itself."""
    assert set(card.commands) == {
        "make",
        "status",
        "activate",
        "unblock",
        "sign-in",
        "sign",
        "verify",
        "export-pem",
        "requests",
        "approve",
        "refuse",
    }


@pytest.mark.parametrize(
    "command", ["status", "activate --code 1234", "sign-in --handle h --code 1234"]
)
def test_without_a_card_it_says_so_with_status_1(home: Path, command: str) -> None:
    result = run(home, *command.split())
    assert result.exit_code == 1
    assert "card_absent" in result.output
    assert "Traceback" not in result.output


def test_making_without_the_secret_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision 2."""
    monkeypatch.delenv("ECPS_DEV_SECRET")
    result = run(home, "make", "--idp", BASE_URL, "--number", ACTIVE)
    assert result.exit_code == 1
    assert "ECPS_DEV_SECRET" in result.output


def test_making_with_a_wrong_secret_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decision 2."""
    monkeypatch.setenv("ECPS_DEV_SECRET", "wrong")
    result = run(home, "make", "--idp", BASE_URL, "--number", ACTIVE)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert not list((home / "cards").glob("*.card"))


def test_status_tells_what_the_chip_holds_without_a_code(made: MadeCard, home: Path) -> None:
    """CP-02, CP-12."""
    told = json.loads(run(home, "status", "--refresh", "--json").stdout)
    assert (told["number"], told["tries_left"]) == (ACTIVE, 3)
    assert told["content"]["activities"][0]["billing_number"]
    assert "tries_left: 3" in run(home, "status").stdout


def test_a_wrong_code_is_told_with_the_tries_left(made: MadeCard, home: Path) -> None:
    result = run(home, "activate", "--code", made.wrong_code)
    assert result.exit_code == 1
    assert "wrong_code" in result.output
    assert "2" in result.output


@pytest.mark.parametrize("how", ["option", "stdin", "environment", "asked"])
def test_the_code_is_taken_in_every_way(
    app: Flask, home: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """CP-07, decision 42."""
    made = make(app, home, RECEIVED)
    match how:
        case "option":
            result = run(home, "activate", "--code", made.code)
        case "stdin":
            result = run(home, "activate", "--code-stdin", typed=f"{made.code}\n")
        case "environment":
            monkeypatch.setenv("ECPS_CARD_CODE", made.code)
            result = run(home, "activate")
        case _:
            result = run(home, "activate", typed=f"{made.code}\n")
    assert result.exit_code == 0, result.output
    assert "active" in result.stdout
    assert made.code not in result.output


def test_a_blocked_card_gets_a_new_code(made: MadeCard, home: Path) -> None:
    block(made)
    assert "code_blocked" in run(home, "sign-in", "--handle", "h", "--code", made.code).output
    typed = f"{made.unblock_code}\n{NEW_CODE}\n"
    assert run(home, "unblock", "--code-stdin", typed=typed).exit_code == 0
    with made.insert() as inserted:
        inserted.enter_code(NEW_CODE)


def test_two_cards_need_a_name(app: Flask, made: MadeCard, home: Path) -> None:
    make(app, home, RECEIVED)
    assert "name one with --card" in run(home, "status").output
    for which in (RECEIVED, str(home / "cards" / f"{RECEIVED}.card")):
        told = json.loads(run(home, "status", "--card", which, "--json").stdout)
        assert told["number"] == RECEIVED


def test_a_file_is_signed_and_verified(
    app: Flask, made: MadeCard, home: Path, tmp_path: Path, browser: FlaskClient
) -> None:
    """CP-14."""
    trust = tmp_path / "persons.crt"
    trust.write_bytes(browser.get("/pki/persons.crt").data)
    file = tmp_path / "ordonnance.txt"
    file.write_text("une semaine de repos")
    assert run(home, "sign", str(file), "--code", made.code).exit_code == 0
    told = json.loads(run(home, "verify", str(file), "--trust", str(trust), "--json").stdout)
    assert told["signer"] == HOLDERS[ACTIVE]
    file.write_text("deux semaines de repos")
    forged = run(home, "verify", str(file), "--trust", str(trust))
    assert forged.exit_code == 1
    assert "signature_refused" in forged.output


def test_an_exported_key_is_the_owners_alone_and_comes_with_a_warning(
    made: MadeCard, home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "card.pem"
    result = run(home, "export-pem", str(target), "--code", made.code)
    assert result.exit_code == 0
    assert "Warning" in result.stderr
    assert target.stat().st_mode & 0o077 == 0
    load_pem_private_key(target.read_bytes(), None)
    assert run(home, "export-pem", str(target), "--code", made.code).exit_code == 1


def test_sign_in_prints_where_the_browser_goes_on(
    app: Flask,
    made: MadeCard,
    home: Path,
    listener: str,
    certificate: ServerCertificate,
) -> None:
    point(made, listener)
    add_client(provider_of(app))
    page = begin(app.test_client())
    handle = page.rpartition("/")[2]
    arguments = ("sign-in", "--ca", str(certificate.authority), "--code", made.code)
    by_url = run(home, *arguments, "--url", f"http://localhost:8002/reader?h={handle}")
    assert by_url.exit_code == 0, by_url.output
    assert by_url.stdout.startswith(f"{BASE_URL}{page}/card?completion=")
    by_handle = run(home, *arguments, "--handle", handle, "--json")
    assert json.loads(by_handle.stdout)["service"] == "Logiciel service"
    unknown = run(home, *arguments, "--handle", "h" * 43)
    assert unknown.exit_code == 1
    assert "sign_in_refused" in unknown.output
    assert run(home, *arguments).exit_code == 2
