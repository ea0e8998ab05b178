"""The worker, embedded or by command, and what it expires (decision 40)."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.models import BrowserSession, OutboxMessage, ReplayId, SessionClient, Ticket
from idp.worker import worker as worker_module
from idp.worker.dispatcher import drain
from idp.worker.jobs import recurring_jobs
from idp.worker.worker import Worker
from tests.outbox.helpers import advance, messages, provider_with, queue_sms
from tests.outbox.servers import http_server


def wait_until(condition: object, seconds: float = 10) -> bool:
    assert callable(condition)
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return True
        waiting.wait(0.02)
    return False


def test_a_running_worker_sends_what_is_queued_and_stops_cleanly(
    sqlite_url: str, master_key: str
) -> None:
    with (
        http_server() as server,
        provider_with(sqlite_url, master_key, sms_url=server.url) as provider,
    ):
        worker = Worker(provider, recurring_jobs(provider))
        worker.start()
        queue_sms(provider)
        assert wait_until(lambda: messages(provider)[0].state == "sent")
        worker.stop()
        assert not any(thread.is_alive() for thread in worker._threads)
        assert len(server.requests) == 1


def test_a_database_that_was_away_is_worked_on_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = drain, threading.Event()

    def away_once(provider: Provider, kind: str) -> int:
        if not failed.is_set():
            failed.set()
            raise OperationalError("select", {}, Exception("away"))
        return real(provider, kind)

    monkeypatch.setattr(worker_module, "drain", away_once)
    monkeypatch.setattr(worker_module, "_AFTER_OUTAGE", 0.01)
    worker = Worker(provider, recurring_jobs(provider))
    worker.start()
    queue_sms(provider)
    assert wait_until(lambda: failed.is_set() and messages(provider)[0].state == "kept")
    worker.stop()


def test_a_fault_of_our_own_does_not_end_a_lane(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = drain, threading.Event()

    def faulty_once(provider: Provider, kind: str) -> int:
        if kind == "sms" and not failed.is_set():
            failed.set()
            raise ZeroDivisionError
        return real(provider, kind)

    monkeypatch.setattr(worker_module, "drain", faulty_once)
    monkeypatch.setattr(worker_module, "_AFTER_OUTAGE", 0.01)
    worker = Worker(provider, recurring_jobs(provider))
    worker.start()
    queue_sms(provider)
    assert wait_until(lambda: failed.is_set() and messages(provider)[0].state == "kept")
    worker.stop()


def test_the_worker_command_ends_at_sigterm(sqlite_url: str, master_key: str) -> None:
    with (
        http_server() as server,
        provider_with(sqlite_url, master_key, sms_url=server.url) as provider,
    ):
        queue_sms(provider)
        process = subprocess.Popen(
            [sys.executable, "-c", "from idp.cli import main; main()", "worker"],
            env={
                "ECPS_DATABASE_URL": sqlite_url,
                "ECPS_MASTER_KEY": master_key,
                "ECPS_SMS_URL": server.url,
            },
        )
        assert wait_until(lambda: messages(provider)[0].state == "sent", 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_what_lapsed_is_deleted_in_batches_and_what_runs_is_kept(both: Provider) -> None:
    object.__setattr__(both.settings, "expiry_batch", 3)
    now = both.clock.now()
    past, future = now - timedelta(seconds=1), now + timedelta(hours=1)
    with both.store.begin() as db:
        for n in range(10):
            db.add(ReplayId(scope="s", value=str(n), expires_at=past))
        db.add(ReplayId(scope="s", value="kept", expires_at=future))
        for name, end in (("old", past), ("new", future)):
            db.add(
                BrowserSession(
                    sid=name,
                    cookie_hash=name.encode(),
                    national_id="n",
                    account_id="a",
                    auth_time=now,
                    means={},
                    last_activity_at=now,
                    created_at=now,
                    expires_at=end,
                )
            )
            db.add(SessionClient(sid=name, client_id="c", confirmed_at=now))
            db.add(ticket(name, end))
    assert delete_expired(both) == 11
    with both.store.read() as db:
        assert [row.value for row in db.query(ReplayId)] == ["kept"]
        assert [row.sid for row in db.query(BrowserSession)] == ["new"]
        assert [row.sid for row in db.query(SessionClient)] == ["new"]
        assert db.query(Ticket).count() == 2


def test_tickets_and_messages_stay_readable_for_a_while(both: Provider) -> None:
    with both.store.begin() as db:
        db.add(ticket("t", both.clock.now()))
    queue_sms(both)
    drain(both, "sms")
    delete_expired(both)
    with both.store.read() as db:
        assert (db.query(Ticket).count(), db.query(OutboxMessage).count()) == (1, 1)
    advance(both, both.settings.outbox_retention + timedelta(seconds=1))
    delete_expired(both)
    with both.store.read() as db:
        assert (db.query(Ticket).count(), db.query(OutboxMessage).count()) == (0, 0)


def test_what_still_waits_is_never_deleted(both: Provider) -> None:
    queue_sms(both)
    advance(both, timedelta(days=30))
    delete_expired(both)
    assert len(messages(both)) == 1


def ticket(name: str, expires_at: object) -> Ticket:
    return Ticket(
        ticket_id=name,
        national_id="n",
        device_jwk={},
        device_thumbprint="t",
        device_name="d",
        state="started",
        mail_expires_at=expires_at,
        created_at=expires_at,
        expires_at=expires_at,
    )
