"""One worker for all issuers made on demand: each is served, and none waits for another."""

import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from idp.provider import Provider
from idp.store.models import ReplayId
from idp.store.outbox import waiting_kinds
from idp.worker import shared
from idp.worker.dispatcher import CARRIERS, drain
from idp.worker.shared import SharedWorker
from tests.outbox.helpers import messages, provider_with, queue_mail, queue_sms
from tests.outbox.test_worker import wait_until

PACE = 0.02


@pytest.fixture(scope="module")
def lane() -> SharedWorker:
    """Does one thing at a time, in order; without a member it sleeps."""
    return SharedWorker(lanes=1)


@pytest.fixture
def second(sqlite_template: Path, tmp_path: Path, master_key: str) -> Iterator[Provider]:
    """Another issuer."""
    database = shutil.copy(sqlite_template, tmp_path / "second.db")
    with provider_with(f"sqlite:///{database}", master_key) as provider:
        yield provider


@pytest.fixture
def worker(
    lane: SharedWorker, monkeypatch: pytest.MonkeyPatch, both: Provider, second: Provider
) -> Iterator[SharedWorker]:
    """Works for two issuers, with a database each."""
    monkeypatch.setattr(shared, "_PACE", PACE)
    lane.add("first", both)
    lane.add("second", second)
    yield lane
    lane.remove("first")
    lane.remove("second")
    assert wait_until(lambda: is_idle(lane))


def is_idle(lane: SharedWorker) -> bool:
    """Whether what was begun has ended: what the one lane is given last, it does last."""
    done = threading.Event()
    lane._to_do.put(done.set)
    return done.wait(10)


def state_of(provider: Provider) -> str:
    return messages(provider)[-1].state


def carried(provider: Provider) -> bool:
    return wait_until(lambda: state_of(provider) == "kept")


@pytest.mark.usefixtures("worker")
def test_a_message_of_each_is_carried(both: Provider, second: Provider) -> None:
    queue_sms(both)
    queue_mail(second)
    assert carried(both)
    assert carried(second)


def test_what_waited_when_one_is_opened_is_carried(lane: SharedWorker, both: Provider) -> None:
    queue_sms(both)
    lane.add("first", both)
    assert carried(both)
    lane.remove("first")
    assert is_idle(lane)


@pytest.mark.usefixtures("worker")
def test_one_that_sleeps_is_woken_by_a_message(both: Provider) -> None:
    object.__setattr__(both.settings, "dev_realm_sleep", timedelta(0))
    queue_sms(both)
    assert carried(both)


def test_jobs_of_each_run(
    lane: SharedWorker,
    monkeypatch: pytest.MonkeyPatch,
    both: Provider,
    second: Provider,
) -> None:
    monkeypatch.setattr(shared, "_PACE", PACE)
    for name, each in (("first", both), ("second", second)):
        object.__setattr__(each.settings, "expiry_interval", timedelta(seconds=PACE))
        with each.store.begin() as db:
            db.add(ReplayId(scope="s", value="v", expires_at=each.clock.now()))
        lane.add(name, each)
    for name, each in (("first", both), ("second", second)):
        assert wait_until(lambda each=each: replay_ids(each) == 0)
        lane.remove(name)
    assert is_idle(lane)


def replay_ids(provider: Provider) -> int:
    with provider.store.read() as db:
        return db.query(ReplayId).count()


def test_one_that_was_dropped_is_looked_at_no_more(
    worker: SharedWorker, both: Provider, second: Provider
) -> None:
    worker.remove("first")
    assert is_idle(worker)
    for _ in range(2):  # in order: had the first one been looked at, it were carried before
        queue_sms(both)
        queue_mail(second)
        assert carried(second)
    assert {message.state for message in messages(both)} == {"pending"}


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), OperationalError("select", {}, Exception("away"))], ids=type
)
def test_a_fault_in_one_stops_neither_the_other_nor_itself(
    worker: SharedWorker,
    both: Provider,
    second: Provider,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """A fault of our own, or a database that is away: the message goes at the next look."""
    del worker
    failed = threading.Event()

    def faulty_once(which: Provider, kind: str) -> int:
        if which is both and not failed.is_set():
            failed.set()
            raise error
        return drain(which, kind)

    monkeypatch.setattr(shared, "drain", faulty_once)
    queue_sms(both)
    assert failed.wait(10)
    queue_mail(second)
    assert carried(second)
    assert carried(both)


def test_what_is_due_of_a_kind_that_hangs_is_not_asked_after_again_and_again(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once a round, and when the message that hangs has ended."""
    hangs, released, too_often = threading.Event(), threading.Event(), threading.Event()
    looks: list[Any] = []

    def counted(db: Any) -> Any:
        looks.append(db)
        if len(looks) > 20:
            too_often.set()
        return waiting_kinds(db)

    def hang(*_: object) -> None:
        hangs.set()
        released.wait(10)

    monkeypatch.setitem(CARRIERS, "mail", hang)
    monkeypatch.setattr(shared, "waiting_kinds", counted)
    worker = SharedWorker(lanes=2)
    worker.add("first", both)
    member = worker._members["first"]
    queue_mail(both)
    assert hangs.wait(10)
    queue_mail(both)
    queue_sms(both)
    assert carried(both)  # meanwhile, by the other lane
    assert not too_often.wait(0.5)
    released.set()
    assert wait_until(lambda: {message.state for message in messages(both)} == {"sent", "kept"})
    worker.remove("first")
    assert wait_until(lambda: not member.running)
