"""The worker: drains the outbox and runs the recurring jobs, inside a server or by itself.

One lane for each kind of message and one for the jobs, each a thread: a mail server that hangs
never delays a push.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from idp.clock import monotonic
from idp.provider import Provider
from idp.worker.dispatcher import CARRIERS, drain

log = structlog.get_logger(__name__)

_POLL = 1.0
_AFTER_OUTAGE = 5.0
_STOPPING = 5.0


@dataclass(frozen=True)
class Job:
    """What a worker does again and again."""

    name: str
    pause: timedelta
    run: Callable[[Provider], object]


class Worker:
    """Threads that carry what requests left to be done."""

    def __init__(self, provider: Provider, jobs: Iterable[Job]) -> None:
        self._provider = provider
        self._stopping = threading.Event()
        lanes: dict[str, Callable[[], None]] = {
            kind: partial(self._drain_forever, kind) for kind in CARRIERS
        }
        lanes |= {job.name: partial(self._repeat, job) for job in jobs}
        self._threads = [
            threading.Thread(target=run, name=f"ecps-{name}", daemon=True)
            for name, run in lanes.items()
        ]

    def start(self) -> None:
        """Start the lanes; once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let each lane finish the message it holds, and end."""
        self._stopping.set()
        self._provider.outbox_filled.set()
        for thread in self._threads:
            thread.join(_STOPPING)

    def _drain_forever(self, kind: str) -> None:
        filled = self._provider.outbox_filled
        while not self._stopping.is_set():
            # Cleared before looking: what is queued from here on wakes the lane again.
            filled.clear()
            if self._survive(partial(drain, self._provider, kind)):
                filled.wait(_POLL)

    def _repeat(self, job: Job) -> None:
        while not self._stopping.is_set():
            if self._survive(partial(job.run, self._provider)):
                self._stopping.wait(job.pause.total_seconds())

    def _survive(self, job: Callable[[], object]) -> bool:
        started = monotonic()
        try:
            job()
        except SQLAlchemyError as error:
            log.warning("database away", error=type(error).__name__, after=monotonic() - started)
        except Exception:
            # The end of the line: whatever went wrong, the other messages must not wait for it.
            log.exception("lane failed", after=monotonic() - started)
        else:
            return True
        self._stopping.wait(_AFTER_OUTAGE)
        return False
