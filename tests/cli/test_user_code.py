"""`ecps-idp person user-code` (decisions 29 and 42)."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from idp.oauth.ciba.user_codes import SEAL
from idp.provider import Provider
from idp.store.user_codes import find_user_code
from tests.cli.helpers import REAL, run
from tests.oauth.helpers import PERSON, events

CODE = "a-code-of-the-person"
NOBODY = "899700991005"


@pytest.fixture
def database(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def user_code(database: Path, master_key: str, *arguments: str, **options: str) -> Result:
    environment = {"master_key": master_key} | options
    typed = environment.pop("typed", "")
    given = {f"ECPS_{name.upper()}": value for name, value in environment.items()}
    return run(database, "person", "user-code", *arguments, typed=typed, **given)


def kept(provider: Provider) -> str | None:
    with provider.store.read() as db:
        row = find_user_code(db, PERSON)
    if row is None:
        return None
    return provider.sealer.open(row.code_sealed, purpose=SEAL).decode().removeprefix(f"{PERSON}:")


@pytest.mark.parametrize(
    "arguments",
    [
        (PERSON,),
        (PERSON, "--code", "short"),
        (PERSON, "--code", "with spaces in it"),
        (PERSON, "--code", PERSON),
        (PERSON, "--code", CODE, "--code-stdin"),
        (PERSON, "--code", CODE, "--remove"),
        (PERSON, "--code-stdin", "--remove"),
        (PERSON, "--code-stdin"),
        (PERSON, "--remove"),
        ("nonsense", "--code", CODE),
        (NOBODY, "--code", CODE),
        (NOBODY, "--remove"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(
    provider: Provider, database: Path, master_key: str, arguments: tuple[str, ...]
) -> None:
    result = user_code(database, master_key, *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert CODE not in result.output
    assert kept(provider) is None
    assert not [event for event in events(provider) if "usercode" in event]


def test_a_code_is_given_by_any_of_three_ways(
    provider: Provider, database: Path, master_key: str
) -> None:
    """Decision 42; nothing says it again."""
    results = [user_code(database, master_key, PERSON, "--code", f"{CODE}-1")]
    assert kept(provider) == f"{CODE}-1"
    typed = f"{CODE}-2\n"
    results.append(user_code(database, master_key, PERSON, "--code-stdin", typed=typed))
    assert kept(provider) == f"{CODE}-2"
    results.append(user_code(database, master_key, PERSON, user_code=f"{CODE}-3"))
    assert kept(provider) == f"{CODE}-3"
    assert [result.exit_code for result in results] == [0, 0, 0]
    assert not any(CODE in result.output for result in results)
    assert events(provider).count("oauth:usercode:set") == 3


def test_an_empty_line_is_no_code_and_nothing_stands_in_for_it(
    provider: Provider, database: Path, master_key: str
) -> None:
    result = user_code(
        database, master_key, PERSON, "--code-stdin", typed="\n", user_code="of-the-environment"
    )
    assert result.exit_code != 0
    assert kept(provider) is None


def test_a_code_is_removed_once(provider: Provider, database: Path, master_key: str) -> None:
    assert user_code(database, master_key, PERSON, "--code", CODE).exit_code == 0
    assert user_code(database, master_key, PERSON, "--remove").exit_code == 0
    assert kept(provider) is None
    again = user_code(database, master_key, PERSON, "--remove")
    assert again.exit_code == 1
    assert "has no user code" in again.output
    assert events(provider).count("oauth:usercode:removed") == 1


def test_a_plain_code_on_a_real_database_is_warned_about(tmp_path: Path) -> None:
    """Decision 42."""
    database = tmp_path / "real.db"
    assert run(database, "db", "init", "--real", **REAL).exit_code == 0
    result = run(database, "person", "user-code", PERSON, "--code", CODE, **REAL)
    assert "use --code-stdin" in result.output


def test_the_help_says_that_it_is_not_the_pin() -> None:
    """Decision 29."""
    told = CliRunner().invoke(main, ["person", "user-code", "--help"]).output
    assert "must not be the PIN" in " ".join(told.split())
