"""The revocation code on the phone: shown once, and kept nowhere (attack 42)."""

import json
import re
from functools import partial
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from flask import Flask

from idp.provider import Provider
from tests.conftest import BASE_URL, DEV_SECRET
from tests.wallet.helpers import PERSON, PIN, mailed_qr, new_phone, sms_code
from tests.wallet.screen.helpers import Browser, serve_one
from tests.wallet.test_control import call, control
from wallet_sim.cli import main
from wallet_sim.cli.common import Shell
from wallet_sim.phone import Phone

CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5} ){2}[0-9A-HJKMNP-TV-Z]{5}\b")


@pytest.fixture
def before_pin(app: Flask, tmp_path: Path) -> Phone:
    """A phone that has only its PIN to choose."""
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    return phone


def assert_not_kept(phone: Phone, code: str) -> None:
    kept = phone.file.path.read_text()
    assert code not in kept
    assert code.replace(" ", "") not in kept


def test_page_shows_the_code_once(before_pin: Phone) -> None:
    """Attack 42: the screen after it, and the same address again, show none."""
    browser = Browser(serve_one(before_pin)).unlock()
    shown = browser.press("pin", pin=PIN, again=PIN)
    found = CODE.search(shown.text)
    assert found, shown.text
    assert f"{BASE_URL}/portail/revocation" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert "http-equiv" not in shown.text
    assert not CODE.search(browser.look().text)
    assert_not_kept(before_pin, found[0])


def test_program_gets_the_code_once(before_pin: Phone) -> None:
    client = control(before_pin)
    code = json.loads(call(client, "pin", {"pin": PIN}).data)["revocation_code"]
    assert CODE.fullmatch(code)
    for look in ("status", "pending"):
        assert code not in call(client, look).text
    assert_not_kept(before_pin, code)


@pytest.mark.parametrize("option", ["--json", "--pin-stdin"])
def test_command_prints_the_code_once(
    app: Flask,
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
) -> None:
    shell = partial(Shell, transport=httpx.WSGITransport(app=app), clock=provider.clock)
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)
    monkeypatch.setenv("ECPS_DEV_SECRET", DEV_SECRET)
    monkeypatch.setenv("ECPS_WALLET_PIN", PIN)
    home = ["--home", str(tmp_path / "phone")]
    enrol = ["enrol", "--idp", BASE_URL, "--national-id", PERSON, "--outbox", option]
    done = CliRunner().invoke(main, [*home, *enrol], input=PIN + "\n")
    assert done.exit_code == 0, done.output
    (code,) = CODE.findall(done.stdout)
    assert f"{BASE_URL}/portail/revocation" in done.stdout or option == "--json"
    assert code not in CliRunner().invoke(main, [*home, "status"]).output
    assert_not_kept(new_phone(app, tmp_path / "phone"), code)
