"""`ecps-wallet card requests | approve | refuse`, against the provider's own listener."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from tests.ciba.answers import challenge_of, refused
from tests.ciba.card.helpers import CardAtReader, ask
from tests.ciba.helpers import NUMBER, CibaService
from tests.conftest import provider_of
from tests.wallet.helpers import Network
from wallet_sim.cli import main
from wallet_sim.cli.common import Shell

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, card: CardAtReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A terminal with the card at hand, out of the reader."""
    card.reader.remove()
    shell = partial(Shell, transport=Network(app), clock=provider_of(app).clock)
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)

    def run(command: str, *arguments: str, code: str = card.made.code, typed: str = "") -> Result:
        given = ["--home", str(tmp_path), "card", command, "--code", code]
        authority = ["--ca", str(card.listener.authority)]
        return CliRunner().invoke(main, [*given, *authority, *arguments], input=typed)

    return run


@pytest.mark.parametrize("command", ["requests", "approve", "refuse"])
def test_where_nothing_waits_it_says_so_with_status_1(run: Run, command: str) -> None:
    result = run(command)
    assert result.exit_code == 1
    assert "nothing_pending" in result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["approve", "--number", "99x"], "number_not_offered"),
        (["approve", "--challenge", "another", "--number", NUMBER], "nothing_pending"),
        (["refuse", "--challenge", "another"], "nothing_pending"),
    ],
)
def test_what_does_not_fit_answers_nothing(
    run: Run, client: CibaService, card: CardAtReader, arguments: list[str], code: str
) -> None:
    ask(client, card)
    result = run(*arguments)
    assert result.exit_code == 1
    assert code in result.output
    assert challenge_of(client.provider).state == "pending"


def test_a_wrong_code_answers_nothing(run: Run, client: CibaService, card: CardAtReader) -> None:
    """Decision 31."""
    ask(client, card)
    result = run("refuse", code=card.made.wrong_code)
    assert result.exit_code == 1
    assert "wrong_code" in result.output
    assert challenge_of(client.provider).state == "pending"


def test_requests_are_shown(run: Run, client: CibaService, card: CardAtReader) -> None:
    ask(client, card, binding_message="Dossier 12 B")
    assert "Service : Logiciel de cabinet" in run("requests").stdout
    (told,) = json.loads(run("requests", "--json").stdout)
    assert (told["message"], told["card_number"]) == ("Dossier 12 B", card.number)


@pytest.mark.parametrize("arguments", [["--number", NUMBER, "--json"], ["--json"]])
def test_a_request_is_approved(
    run: Run, client: CibaService, card: CardAtReader, arguments: list[str]
) -> None:
    """The person reads what is signed before they type its number."""
    auth_req_id = ask(client, card)
    result = run("approve", *arguments, typed=f"{NUMBER}\n")
    assert "Service : Logiciel de cabinet" in result.stderr
    assert json.loads(result.stdout)["outcome"] == "approved"
    assert client.poll(auth_req_id).status_code == 200


def test_a_request_is_refused(run: Run, client: CibaService, card: CardAtReader) -> None:
    auth_req_id = ask(client, card)
    assert run("refuse").stdout == "Refused: Logiciel de cabinet.\n"
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")
