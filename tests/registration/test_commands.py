"""The chain by command: `ecps-idp order`, `cpam`, `ans` and `card`."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp.cli import main
from tests.cli.helpers import REAL
from tests.registration.helpers import MARGELLE

REGISTER = (
    "order register --family-name ESSAI --given-name Ada --civilite MME --birth-date 12/04/1990 "
    "--profession 10 --title DR"
)


@pytest.fixture
def environment(sqlite_url: str, master_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECPS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ECPS_MASTER_KEY", master_key)


def run(command: str) -> Result:
    return CliRunner().invoke(main, command.split())


def done(command: str) -> dict[str, Any]:
    result = run(f"{command} --json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.usefixtures("environment")
def test_each_step_by_command_from_the_order_to_the_card() -> None:
    """CP-01 to CP-05."""
    who = done(REGISTER)["national_id"]
    assert done(f"contact {who} --mobile 0639980077")["mobile"] == "+33639980077"
    activity = done(f"order declare {who} --profession 10C --department 99 --name ESSAI")
    name = activity["activity_id"]
    early = run(f"ans carry {name}")
    assert (early.exit_code, early.stderr) == (1, "Error: ans:carry: not recorded\n")
    for option in ("--convention 4", "--tariff-zone 31"):
        assert run(f"cpam record {name} {option}").exit_code == 2
    recorded = done(f"cpam record {name} --convention 2 --tariff-zone 10")
    assert recorded["billing_number"].startswith("99")
    assert (recorded["convention"], recorded["tariff_zone"]) == ("2", "10")
    card = done(f"ans carry {name}")
    assert card["is_new_card"] is True
    assert card["family"] == "CPS"
    assert done(f"card show {card['card_number']}")["activities"] == [name]
    assert card["card_number"] in run(f"card list {who}").stdout
    assert done(f"order move {name} --member codePostal=99002")["details"]["codePostal"] == "99002"
    assert done(f"order end {name}")["state"] == "ended"
    assert run(f"order end {name}").exit_code == 1


@pytest.mark.usefixtures("environment")
def test_cards_are_received_opposed_replaced_and_renewed_by_command() -> None:
    """CP-06, CP-11, CP-13."""
    assert done("card receive 9700000016")["state"] == "recue_non_activee"
    assert run("card receive 9700000016").exit_code == 1
    early = run("card oppose 9700000001 --reason vol --lost-since 2999-01-01")
    assert (early.exit_code, "past" in early.stderr) == (1, True)
    opposed = done("card oppose 9700000001 --reason vol --lost-since 2026-11-20")
    assert (opposed["state"], opposed["opposition_reason"]) == ("opposee", "vol")
    assert done("card replace 9700000001")["renews"] == "9700000001"
    assert run("card replace 9700000001").exit_code == 1
    assert isinstance(done("card renew-due")["ordered"], int)
    assert done("card renew-due") == {"ordered": 0}


@pytest.mark.usefixtures("environment")
def test_an_employer_orders_cards_by_command() -> None:
    """CSS R161-55, decision 30."""
    who = "699700990015001/0000000001"
    assert done(f"card order --family CPA --national-id {who}")["is_nominative"] is True
    service = "card order --family CPE --national-id 3990000119/000000018"
    assert run(service).stderr == "Error: ans:request-card: holder unknown\n"
    assert done(f"{service} --service")["is_nominative"] is False


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    "command",
    [
        REGISTER.replace("12/04/1990", "1990"),
        f"order declare {MARGELLE} --profession 10C",
        f"order declare {MARGELLE} --profession 10C --member codePays",
        "order declare 99700990015 --profession 10C --department 99",
        f"contact {MARGELLE} --mobile 12",
        "contact 899700991005 --mobile 0639980077",
        "card show 1",
        "card list nobody",
        "card oppose 1 --reason vol",
    ],
)
def test_what_does_not_hold_is_told_in_words(command: str) -> None:
    result = run(command)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")


@pytest.mark.usefixtures("environment")
def test_every_command_tells_how_it_is_called() -> None:
    for group in ("order", "cpam", "ans", "card"):
        for name in ("", *main.get_command(None, group).commands):  # type: ignore[union-attr,arg-type]  # a group
            assert "Example: ecps-idp" in run(f"{group} {name} --help").output


@pytest.mark.parametrize("command", [REGISTER, "cpam record x", "ans carry x", "card show 1"])
def test_a_real_database_is_refused(
    tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 1: invented numbers and simulated cards are for simulations only."""
    url = f"sqlite:///{tmp_path / 'real.db'}"
    for name, value in (REAL | {"ECPS_DATABASE_URL": url}).items():
        monkeypatch.setenv(name, value)
    assert CliRunner().invoke(main, ["db", "init", "--real"]).exit_code == 0
    result = run(command)
    assert result.exit_code == 1
    assert "simulation databases only" in result.stderr
