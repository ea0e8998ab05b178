"""The revocation code of an e-CPS: not to be guessed, found or used again (attack 42)."""

import logging
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import inspect, select
from werkzeug.test import TestResponse

from idp.enrolment.tokens import new_revocation_code
from idp.provider import Provider
from idp.store.models import Base, Device, JournalEvent
from tests.attacks.helpers import browser_at, sign_in_with
from tests.conftest import BASE_URL
from tests.devices.helpers import Bench
from tests.signin.helpers import add_client, live_sessions, post
from tests.statements import Statements
from tests.wallet.helpers import PERSON, PIN, advance, mailed_qr, new_phone, outbox, sms_code
from wallet_sim.enrolment import Activated
from wallet_sim.errors import DeviceInactive
from wallet_sim.phone import Phone

PAGE = "/portail/revocation"
BITS = 60
"""What attack 42 demands at least."""
ELSEWHERE = "198.51.100.7"


class Owner:
    """A person with a real phone, and the slip of paper with its code."""

    def __init__(self, bench: Bench, home: Path) -> None:
        self.phone: Phone = new_phone(bench.app, home)
        self.phone.start_enrolment(BASE_URL, PERSON)
        self.phone.scan(mailed_qr(bench.app, PERSON))
        self.phone.enter_sms_code(sms_code(bench.app, PERSON))
        self.told: Activated = self.phone.choose_pin(PIN)
        self.code = self.told.revocation_code


@pytest.fixture
def owner(bench: Bench, tmp_path: Path) -> Owner:
    return Owner(bench, tmp_path / "phone")


def revoke(browser: FlaskClient, code: str) -> TestResponse:
    return post(browser, PAGE, code=code, confirmed="1")


def refusals(provider: Provider) -> list[str]:
    return [
        row.data["reason"]
        for row in rows(provider, JournalEvent)
        if row.event == "devices:revocation:refused"
    ]


def rows(provider: Provider, model: type[Base]) -> list[Any]:
    with provider.store.read() as db:
        return list(db.scalars(select(model)))


def everything(provider: Provider) -> Iterator[str]:
    """Every value of every row."""
    for mapper in Base.registry.mappers:
        for row in rows(provider, mapper.class_):
            for column in inspect(type(row)).columns:
                yield str(getattr(row, column.key))


def test_a_guess_has_less_than_one_chance_in_two_to_the_sixty() -> None:
    """Attack 42: measured from the letters that are drawn and their number."""
    drawn = [new_revocation_code() for _ in range(2000)]
    letters = set("".join(drawn))
    assert {len(code) for code in drawn} == {15}
    assert 15 * math.log2(len(letters)) >= BITS
    assert len(set(drawn)) == len(drawn)
    # Each place draws from all letters: none is a check digit or a constant.
    assert all({code[place] for code in drawn} == letters for place in range(15))


def test_guesses_are_throttled_and_the_right_code_with_them(bench: Bench, owner: Owner) -> None:
    """Attack 42: past the limit a code is not even looked at."""
    stranger = browser_at(bench.app, ELSEWHERE)
    limit = bench.provider.settings.revocation_tries_per_address
    for _ in range(limit):
        assert revoke(stranger, new_revocation_code()).status_code == 403
    for code in (owner.code, new_revocation_code()):
        refused = revoke(stranger, code)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
    assert owner.phone.status().provider["state"] == "active"
    # Guesses are recorded, and whoever goes on does not fill the journal.
    assert refusals(bench.provider) == ["unknown"] * limit + ["throttled"]


def test_a_guesser_keeps_nobody_elsewhere_from_revoking(bench: Bench, owner: Owner) -> None:
    """Attack 42; decision 24."""
    stranger = browser_at(bench.app, ELSEWHERE)
    for _ in range(bench.provider.settings.revocation_tries_per_address + 3):
        revoke(stranger, new_revocation_code())
    assert revoke(browser_at(bench.app), owner.code).status_code == 200
    with pytest.raises(DeviceInactive):
        owner.phone.status()


def test_the_window_passes(bench: Bench, owner: Owner) -> None:
    """Attack 42; decision 24: nobody is locked out for good."""
    browser = browser_at(bench.app)
    for _ in range(bench.provider.settings.revocation_tries_per_address + 1):
        revoke(browser, new_revocation_code())
    assert revoke(browser, owner.code).status_code == 429
    advance(bench.provider, 3601)
    assert revoke(browser, owner.code).status_code == 200


def test_new_browsers_of_one_address_share_its_tries(one: Bench) -> None:
    """Attack 42: another cookie is no other address."""
    limit = one.provider.settings.revocation_tries_per_address
    told = [
        revoke(browser_at(one.app, ELSEWHERE), new_revocation_code()).status_code
        for _ in range(limit + 2)
    ]
    assert told == [403] * limit + [429] * 2


def test_a_code_serves_once(bench: Bench, owner: Owner) -> None:
    """Attack 42: and the answer is that of a code that never was."""
    browser = browser_at(bench.app)
    assert revoke(browser, owner.code).status_code == 200
    again, never = revoke(browser, owner.code), revoke(browser, new_revocation_code())
    assert (again.status_code, never.status_code) == (403, 403)
    alert = r'role="alert">([^<]+)<'
    assert re.findall(alert, again.text) == re.findall(alert, never.text)
    ended = [row for row in rows(bench.provider, JournalEvent) if row.event.endswith(":revoked")]
    assert [row.data["reason"] for row in ended] == ["lost"]


def test_the_code_of_a_replaced_phone_ends_nobody(
    bench: Bench, owner: Owner, tmp_path: Path
) -> None:
    """Attack 42; decision 16: it belongs to one phone, not to its person."""
    new = Owner(bench, tmp_path / "new")
    assert new.code != owner.code
    assert revoke(browser_at(bench.app), owner.code).status_code == 403
    assert new.phone.status().provider["state"] == "active"


def test_an_unknown_code_costs_the_work_of_one_that_ended(bench: Bench, owner: Owner) -> None:
    """Attack 42, decision 41: the same statements, so that time tells nothing."""
    browser = browser_at(bench.app)
    revoke(browser, owner.code)
    seen = []
    for code in (new_revocation_code(), owner.code):
        browser.get(PAGE)
        with Statements(bench.provider) as statements:
            revoke(browser, code)
        seen.append(list(statements))
    assert seen[0] == seen[1]


def test_the_code_stands_in_no_row_log_or_file(
    one: Bench, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Attack 42: the database holds its digest, the phone nothing."""
    caplog.set_level(logging.DEBUG)
    owner = Owner(one, tmp_path / "phone")
    codes = {owner.code, owner.code.replace(" ", "")}
    before = list(everything(one.provider))
    revoke(browser_at(one.app), owner.code.replace(" ", "").lower())
    kept = [*before, *everything(one.provider), caplog.text.upper()]
    kept += [path.read_text() for path in (tmp_path / "phone").iterdir()]
    messages = [str(message["payload"]) for message in outbox(one.app, PERSON)]
    assert not [text[:200] for text in kept + messages for code in codes if code in text]


def test_sessions_end_and_the_contacts_are_told(bench: Bench, owner: Owner) -> None:
    """Attack 42, attack 41: at once, whoever typed it."""
    add_client(bench.provider)
    sign_in_with(browser_at(bench.app), owner.phone)
    assert live_sessions(bench.provider)
    revoke(browser_at(bench.app, ELSEWHERE), owner.code)
    assert live_sessions(bench.provider) == []
    told = [message["payload"]["text"] for message in outbox(bench.app, PERSON)]
    assert sum("code de révocation" in text for text in told) == 2
    (device,) = rows(bench.provider, Device)
    assert (device.state, device.state_reason) == ("revoked", "lost")
