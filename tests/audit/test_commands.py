"""`ecps-idp audit`."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from idp.cli import main
from idp.provider import Provider
from idp.store.world import move_clock


@pytest.fixture(autouse=True)
def environment(
    provider: Provider, sqlite_url: str, master_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECPS_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ECPS_MASTER_KEY", master_key)
    with provider.store.begin() as db:
        move_clock(db, timedelta(days=1))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments])


def test_seal_head_and_verify(provider: Provider, tmp_path: Path) -> None:
    assert run("head").exit_code == 1
    assert json.loads(run("seal", "--json").stdout) == {"segments": 1}
    head = tmp_path / "head.jws"
    head.write_text(run("head").stdout)
    result = run("verify", "--head", str(head), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["holds"] is True
    with provider.store.begin() as db:
        db.execute(text("DELETE FROM journal_events"))
        db.execute(text("DELETE FROM journal_segments"))
    assert run("verify").exit_code == 0
    result = run("verify", "--head", str(head))
    assert result.exit_code == 1
    assert "the tail was cut" in result.output


def test_show_filters_events() -> None:
    shown = json.loads(run("show", "--event", "store:world:created", "--json").stdout)
    assert [event["event"] for event in shown] == ["store:world:created"]
    assert "store:world:created" in run("show").stdout
    assert run("show", "--person", "899700990015").stdout == ""


def test_purge_deletes_nothing_young() -> None:
    run("seal")
    assert json.loads(run("purge", "--json").stdout) == {"segments": 0}
