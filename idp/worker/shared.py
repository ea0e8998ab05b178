"""One worker for many providers: issuers made on demand, most of which sleep.

A thread a lane would be a dozen for each issuer. Here a few threads carry what is due anywhere: one
that looks, and those that carry. An issuer is looked at when it queues a message, and each second
while it is awake: while somebody asks it, and while a message of its waits to be tried again. Its
recurring jobs run while it is awake.
"""

import queue
import threading
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from idp.clock import monotonic
from idp.provider import Provider
from idp.store.outbox import waiting_kinds
from idp.worker.dispatcher import drain
from idp.worker.jobs import recurring_jobs

log = structlog.get_logger(__name__)

_PACE = 1.0
"""Seconds between two rounds."""


class _Bell(threading.Event):
    """Rung after a commit that queued a message: tells whose it was."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring

    def set(self) -> None:
        """Have its provider looked at."""
        self._ring()


class _Member:
    """A provider, and what of it is under way."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.jobs = recurring_jobs(provider)
        now = monotonic()
        self.due = {job.name: now + job.pause.total_seconds() for job in self.jobs}
        self.awake_until = now
        self.is_rung = True
        self.running: set[str] = set()
        self.asked_again: set[str] = set()
        """Lanes of which something was due while they were under way."""
        self.stir()

    def stir(self) -> None:
        """Somebody asked it."""
        self.awake_until = monotonic() + self.provider.settings.dev_realm_sleep.total_seconds()


class SharedWorker:
    """Carries the messages and runs the jobs of providers that come and go.

    Args:
        lanes: what it does at once; a message that hangs holds one of them.
    """

    def __init__(self, lanes: int) -> None:
        self._members: dict[str, _Member] = {}
        self._guard = threading.Lock()
        self._rung = threading.Event()
        self._to_do: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._go_round, name="ecps-realms", daemon=True),
            *(
                threading.Thread(target=self._work, name=f"ecps-realms-{lane}", daemon=True)
                for lane in range(lanes)
            ),
        ]

    def add(self, name: str, provider: Provider) -> None:
        """Work for a provider from now on."""
        member = _Member(provider)
        provider.outbox_filled = _Bell(partial(self._ring, member))
        with self._guard:
            self._members[name] = member
            new, self._threads = self._threads, []
        for thread in new:  # with the first provider: most servers never have one
            thread.start()
        self._rung.set()

    def remove(self, name: str) -> None:
        """Work for it no more; what is under way is finished."""
        with self._guard:
            self._members.pop(name, None)

    def stir(self, name: str) -> None:
        """Somebody asks it: it is awake for a while."""
        member = self._members.get(name)
        if member is not None:
            member.stir()

    def _ring(self, member: _Member) -> None:
        member.is_rung = True
        self._rung.set()

    def _go_round(self) -> None:
        last = monotonic()
        while True:
            self._rung.wait(max(0.0, last + _PACE - monotonic()))
            self._rung.clear()
            is_round = monotonic() >= last + _PACE
            if is_round:
                last = monotonic()
            with self._guard:
                members = list(self._members.values())
            for member in members:
                if member.is_rung or (is_round and member.awake_until > monotonic()):
                    self._look(member)

    def _look(self, member: _Member) -> None:
        member.is_rung = False
        self._start(member, "outbox", partial(self._carry, member))
        now = monotonic()
        for job in member.jobs:
            if member.due[job.name] <= now:
                member.due[job.name] = now + job.pause.total_seconds()
                self._start(member, job.name, partial(job.run, member.provider))

    def _carry(self, member: _Member) -> None:
        """Start a lane for each kind of message that is due: a mail never waits for a push."""
        provider = member.provider
        with provider.store.read() as db:
            provider.synchronise_clock(db)
            waiting = waiting_kinds(db)
        if waiting:
            member.stir()
        now = provider.clock.now()
        for kind, due_at in waiting.items():
            if due_at <= now:
                self._start(member, f"outbox-{kind}", partial(drain, provider, kind))

    def _start(self, member: _Member, lane: str, work: Callable[[], object]) -> None:
        """Have it done; where it is under way, once that has ended."""
        with self._guard:
            if lane in member.running:
                member.asked_again.add(lane)
                return
            member.running.add(lane)
        self._to_do.put(partial(self._do, member, lane, work))

    def _work(self) -> None:
        while True:
            self._to_do.get()()

    def _do(self, member: _Member, lane: str, work: Callable[[], object]) -> None:
        try:
            work()
        except SQLAlchemyError as error:  # dropped meanwhile, or the database is away
            log.warning("database away", lane=lane, error=type(error).__name__)
        except Exception:
            # The end of the line: whatever went wrong, the other issuers must not wait for it.
            log.exception("lane failed", lane=lane)
        finally:
            with self._guard:
                member.running.discard(lane)
                is_asked_again = lane in member.asked_again
                member.asked_again.discard(lane)
            if is_asked_again:
                self._ring(member)
