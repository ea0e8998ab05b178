"""The state file keeps thousands of phones with the guarantees of a phone's own file."""

import json
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from tests.conftest import BASE_URL, provider_of
from tests.wallet.helpers import PERSON, PIN, ask_signin, mailed_qr, sms_code
from wallet_sim.errors import FileRefused, NotEnrolled, PhoneInUse
from wallet_sim.file import State
from wallet_sim.fleet import rows
from wallet_sim.fleet.errors import StateRefused
from wallet_sim.fleet.rows import RowMemory
from wallet_sim.fleet.state import FleetState, Holder, open_state
from wallet_sim.phone import Phone

HOLDER = Holder(0, PERSON, PIN)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[FleetState]:
    with open_state(tmp_path / "f.fleet") as opened:
        opened.add([(PERSON, PIN)])
        yield opened


def enrolled(app: Flask, state: FleetState) -> Phone:
    """A phone of the fleet that went through the whole activation."""
    phone = Phone(
        RowMemory(state, HOLDER),
        transport=httpx.WSGITransport(app=app),
        clock=provider_of(app).clock,
    )
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    phone.choose_pin(PIN)
    return phone


def test_a_state_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.touch(mode=0o644)
    path.chmod(0o644)

    with pytest.raises(StateRefused, match="chmod 600"), open_state(path):
        pass


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.touch(mode=0o600)
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()

    with pytest.raises(StateRefused, match="no fleet's state file"), open_state(path):
        pass

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.fleet"
    path.touch(mode=0o600)
    path.write_text("not a database, whatever else it is" * 40)

    with pytest.raises(StateRefused, match="cannot be used"), open_state(path):
        pass


def test_a_damaged_phone_is_refused_without_showing_its_keys(state: FleetState) -> None:
    state.write(0, '{"device_key": {"d": "SECRET"}}', is_active=True)

    with pytest.raises(FileRefused) as refused:
        Phone(RowMemory(state, HOLDER)).stage()

    assert "base_url" in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_phone_is_held_by_one_thread_at_a_time(
    state: FleetState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_PATIENCE", 0.01)
    memory = RowMemory(state, HOLDER)
    refused: list[Exception] = []

    def take() -> None:
        try:
            with memory.hold():
                pass
        except PhoneInUse as error:
            refused.append(error)

    with memory.hold():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()

    assert len(refused) == 1


def test_an_empty_phone_says_that_it_is_to_be_enrolled(state: FleetState) -> None:
    with RowMemory(state, HOLDER).hold() as held, pytest.raises(NotEnrolled):
        _ = held.state


def test_what_was_not_saved_is_undone(app: Flask, state: FleetState) -> None:
    phone = enrolled(app, state)
    memory = RowMemory(state, HOLDER)

    with memory.hold() as held:
        held.state.counter = 77

    assert phone.memory() is not None
    with memory.hold() as held:
        assert held.state.counter == 0


def test_the_state_stands_on_disk_for_another_process_once_it_is_saved(
    app: Flask, state: FleetState, tmp_path: Path
) -> None:
    phone = enrolled(app, state)
    challenge = ask_signin(app)

    phone.approve(PIN, challenge.number)

    other = sqlite3.connect(f"file:{tmp_path / 'f.fleet'}?mode=ro", uri=True)
    text, is_active = other.execute("SELECT state, is_active FROM phones").fetchone()
    other.close()
    kept = State.model_validate_json(text)
    assert is_active
    assert kept.counter == 1
    assert kept.in_flight is None
    assert set(json.loads(text)) == set(State.model_fields)
    assert kept.history[-1].outcome == "approved"


def test_the_files_beside_are_for_the_owner_alone(state: FleetState, tmp_path: Path) -> None:
    state.put_out(HOLDER)

    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_phone_that_is_out_is_fit_again_only_once_it_was_activated_anew(
    app: Flask, state: FleetState
) -> None:
    phone = enrolled(app, state)
    assert [each.number for each in state.holders(fit=True)] == [0]

    state.put_out(HOLDER)
    assert state.holders(fit=True) == []
    phone.pending()
    with RowMemory(state, HOLDER).hold() as held:
        held.save()
    assert state.holders(fit=True) == []

    phone.delete()
    enrolled(app, state)
    assert [each.number for each in state.holders(fit=True)] == [0]
