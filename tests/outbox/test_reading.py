"""Reading a simulation's outbox by command and by HTTP."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from idp.cli import main
from idp.provider import Provider
from tests.conftest import DEV_SECRET
from tests.outbox.helpers import provider_with, queue_mail, queue_sms

DEV = {"Ecps-Dev-Secret": DEV_SECRET}


def run(url: str, master_key: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        main,
        ["outbox", "--database-url", url, *arguments],
        env={"ECPS_MASTER_KEY": master_key},
    )


def test_the_command_prints_messages_of_one_address(
    database_url: str, master_key: str, tmp_path: Path
) -> None:
    with provider_with(database_url, master_key) as provider:
        queue_mail(provider, qr="ecps://enrol?v=1")
        queue_sms(provider)
    result = run(
        database_url, master_key, "--to", "a@exemple.test", "--json", "--save-qr", str(tmp_path)
    )
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    (message,) = printed["messages"]
    assert printed["cursor"] == message["id"]
    assert message["payload"]["qr"] == "ecps://enrol?v=1"
    assert Path(message["qr_file"]).read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_for_people_too(sqlite_url: str, master_key: str) -> None:
    with provider_with(sqlite_url, master_key) as provider:
        queue_sms(provider)
    result = run(sqlite_url, master_key)
    assert "code 123456" in result.output


def test_the_outbox_of_a_real_database_is_refused(
    sqlite_url: str, master_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 1."""
    monkeypatch.setattr(Provider, "is_simulation", property(lambda _self: False))
    result = run(sqlite_url, master_key, "--json")
    assert result.exit_code != 0
    assert "simulation" in result.output


def test_the_development_address_pages_by_cursor(provider: Provider, browser: FlaskClient) -> None:
    """Decision 38."""
    queue_sms(provider)
    first = browser.get("/dev/v1/outbox?to=%2B33639980001", headers=DEV).get_json()
    assert len(first["messages"]) == 1
    queue_sms(provider)
    after = browser.get(
        "/dev/v1/outbox", query_string={"after": first["cursor"]}, headers=DEV
    ).get_json()
    assert [m["id"] > first["cursor"] for m in after["messages"]] == [True]
    person = browser.get("/dev/v1/outbox?person=899700990015", headers=DEV).get_json()
    assert len(person["messages"]) == 2
    nobody = browser.get("/dev/v1/outbox?person=899700990304", headers=DEV).get_json()
    assert nobody["messages"] == []


def test_the_development_address_demands_the_start_up_secret(browser: FlaskClient) -> None:
    """Decision 2."""
    assert browser.get("/dev/v1/outbox").status_code == 403
