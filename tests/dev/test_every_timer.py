"""Every lifetime and timer follows the one movable clock, or says why it does not (decision 5)."""

import ast
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.clock import Clock
from idp.settings import PARTS
from tests.conftest import BASE_URL, DEV_SECRET
from tests.dev.timers import FOLLOWS, REAL
from tests.wallet.helpers import new_phone

ROOT = Path(__file__).parents[2]
HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}
PERSON = "899700990015"
DURATIONS = sorted(
    name
    for part in PARTS
    for name, field in part.model_fields.items()
    if field.annotation is timedelta
)
_BY_THE_CLOCK = re.compile(
    r"\b(advance|move_clock|wait|wait_and_poll|later|synchronise|near_its_end|clock|now|iat|exp"
    r"|seconds|days|expires_in|next_update_utc)\b"
)
"""How tests move it, or give and read instants by it."""


def test_every_duration_is_told_of_once() -> None:
    """A new duration names the test that moves the clock past it, or why none does."""
    assert sorted([*FOLLOWS, *REAL]) == DURATIONS


@pytest.mark.parametrize("duration", sorted(FOLLOWS))
def test_a_duration_that_follows_names_a_test_that_goes_by_the_clock(duration: str) -> None:
    path, _, name = FOLLOWS[duration].partition("::")
    text = (ROOT / path).read_text("utf-8")
    found = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    assert found, f"{FOLLOWS[duration]} is no test"
    first = min([found[0].lineno, *(decorator.lineno for decorator in found[0].decorator_list)])
    source = "\n".join(text.splitlines()[first - 1 : found[0].end_lineno])
    assert _BY_THE_CLOCK.search(source), f"{name} moves no clock"
    assert "sleep(" not in source


def test_what_is_bound_to_the_time_of_the_machine_is_documented_with_its_reason() -> None:
    page = (ROOT / "docs/testing/clock.md").read_text("utf-8")
    for duration, reason in REAL.items():
        assert f"`{duration}`" in page, duration
        assert reason in page, reason


def test_a_thread_that_read_the_clock_late_takes_nobody_back() -> None:
    """Each keeps what it read itself; one that never read it has the last that was known."""
    clock = Clock()
    clock.synchronise(timedelta(hours=5))
    with ThreadPoolExecutor(1) as other:
        assert other.submit(lambda: clock.offset).result() == timedelta(hours=5)
        other.submit(clock.synchronise, timedelta(0)).result()
        assert other.submit(lambda: clock.offset).result() == timedelta(0)
    assert clock.offset == timedelta(hours=5)


def test_a_moved_clock_and_the_jobs_do_what_became_due(
    app: Flask, browser: FlaskClient, tmp_path: Path
) -> None:
    """What was mailed stays readable for a week: no less, and no more."""

    def kept_after(days: float) -> int:
        browser.post("/dev/v1/clock", json={"advance": 86400 * days}, headers=HEADERS)
        ran = browser.post("/dev/v1/jobs", headers=HEADERS).get_json()["ran"]
        assert {"expiry", "outbox"} <= set(ran)
        kept = browser.get(f"/dev/v1/outbox?person={PERSON}", headers=HEADERS).get_json()
        return len(kept["messages"])

    with new_phone(app, tmp_path / "phone") as phone:
        phone.start_enrolment(BASE_URL, PERSON)
    assert kept_after(0) == 1
    assert kept_after(6) == 1
    assert kept_after(2) == 0
