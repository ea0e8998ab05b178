"""What every command promises: help with an example, words instead of tracebacks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from idp.cli import COMMANDS, SUMMARIES, main
from tests.cli.helpers import REAL, run


def every_command() -> Iterator[tuple[str, ...]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.list_commands(context))


def test_every_command_has_a_summary() -> None:
    assert COMMANDS.keys() == SUMMARIES.keys()


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    assert f"ecps-idp {command[0]}" in result.output.split("Example", 1)[1]


def test_an_unknown_command_fails() -> None:
    assert CliRunner().invoke(main, ["unknown"]).exit_code != 0


def test_a_database_that_was_never_initialised_is_told_with_the_way_out(tmp_path: Path) -> None:
    result = run(tmp_path / "new.db", "client", "list")
    assert result.exit_code == 1
    assert "ecps-idp db" in result.output


def test_a_database_that_cannot_be_reached_is_told_without_a_traceback(tmp_path: Path) -> None:
    result = run(tmp_path / "no such folder" / "ecps.db", "db", "upgrade")
    assert result.exit_code == 1
    assert result.output.startswith("Error: the database cannot be used")


def test_a_setting_that_does_not_hold_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "ecps.db", "db", "status", ECPS_PIN_MIN_LENGTH="44")
    assert result.exit_code == 1
    assert "pin_min_length" in result.output


def test_a_secret_setting_is_never_echoed_by_an_error(tmp_path: Path) -> None:
    environment = {"ECPS_MASTER_KEY": "canary-too-short", "ECPS_PIN_MIN_LENGTH": "44"}
    result = run(tmp_path / "ecps.db", "db", "init", **environment)
    assert result.exit_code == 1
    assert "canary" not in result.output


def test_a_wrong_master_key_is_told_in_words(tmp_path: Path) -> None:
    database = tmp_path / "ecps.db"
    assert run(database, "db", "init", ECPS_MASTER_KEY="A" * 43).exit_code == 0
    result = run(database, "key", "rotate", "tokens", ECPS_MASTER_KEY="B" * 43)
    assert result.exit_code == 1
    assert "master key" in result.output


@pytest.mark.slow
def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "idp.cli", "--help"], capture_output=True, text=True, check=True
    )
    assert "Usage: ecps-idp" in done.stdout


def test_status_tells_what_the_database_is(tmp_path: Path) -> None:
    database = tmp_path / "ecps.db"
    assert json.loads(run(database, "db", "status", "--json").stdout) == {
        "current": False,
        "initialised": False,
    }
    assert run(database, "db", "init", "--sample").exit_code == 0
    result = run(database, "db", "status", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["kind"] == "simulation"


def test_a_real_database_demands_its_choices_and_no_sample_people(tmp_path: Path) -> None:
    """Decision 1."""
    database = tmp_path / "ecps.db"
    result = run(database, "db", "init", "--real")
    assert result.exit_code == 1
    assert "base_url" in result.output
    assert "profile" in result.output
    assert run(database, "db", "init", "--real", "--sample").exit_code != 0


def test_a_database_keeps_its_stamp_for_good(tmp_path: Path) -> None:
    """Decision 1."""
    database = tmp_path / "ecps.db"
    assert run(database, "db", "init").exit_code == 0
    result = run(database, "db", "init", "--real", **REAL)
    assert result.exit_code == 1
    assert "simulation" in result.output


def test_serve_refuses_dev_on_a_real_database(tmp_path: Path) -> None:
    """Decision 2."""
    database = tmp_path / "ecps.db"
    assert run(database, "db", "init", "--real", **REAL).exit_code == 0
    result = run(database, "serve", "--dev", "--port-base", "19990", **REAL)
    assert result.exit_code == 1
    assert "real database" in result.output


def test_keys_are_listed_without_a_private_member_and_rotate_with_overlap(tmp_path: Path) -> None:
    database = tmp_path / "ecps.db"
    run(database, "db", "init")
    fresh = json.loads(run(database, "key", "rotate", "tokens", "--json").stdout)
    keys = json.loads(run(database, "key", "list", "--json").stdout)
    tokens = [key for key in keys if key["purpose"] == "tokens"]
    assert [key["retires_at"] is None for key in tokens] == [False, True]
    assert tokens[1]["kid"] == fresh["kid"]
    assert not any({"d", "p", "q"} & key["public_jwk"].keys() for key in keys)


def test_keys_are_rewrapped_under_a_new_master_key(tmp_path: Path) -> None:
    """Decision 23."""
    database, new = tmp_path / "ecps.db", tmp_path / "new.key"
    new.write_text("B" * 43)
    run(database, "db", "init", ECPS_MASTER_KEY="A" * 43)
    command = ("key", "rewrap", "--new-master-key-file", str(new))
    assert run(database, *command, ECPS_MASTER_KEY="A" * 43).exit_code == 0
    assert run(database, "db", "status", ECPS_MASTER_KEY="A" * 43).exit_code == 1
    assert run(database, "db", "status", ECPS_MASTER_KEY="B" * 43).exit_code == 0


@pytest.mark.parametrize("name", ["ECPS_BASE_URL", "ECPS_WALLET_BASE_URL"])
def test_a_real_database_is_not_served_in_clear(tmp_path: Path, name: str) -> None:
    """RFC 6749, 3.1 and 3.2; cookies are Secure outside loopback http."""
    changed = REAL | {name: "http://auth.exemple.test"}
    result = run(tmp_path / "ecps.db", "db", "init", "--real", **changed)
    assert result.exit_code == 1
    assert "https" in result.output
