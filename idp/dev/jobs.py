"""What runs beside the requests, run now: a test that moved the clock need not wait for it."""

import threading

from flask import Blueprint

from idp.clock import monotonic
from idp.dev.operations import Message, operation
from idp.provider import Provider, current_provider
from idp.store.outbox import has_sending
from idp.worker.dispatcher import CARRIERS, drain
from idp.worker.jobs import recurring_jobs

bp = Blueprint("dev_jobs", __name__, url_prefix="/jobs")

_LOOK_AGAIN = 0.02  # seconds


class JobsRun(Message):
    """What was run, in this order."""

    ran: list[str]
    """Names of recurring jobs, then `outbox`."""


@bp.post("")
@operation(JobsRun)
def run_jobs() -> JobsRun:
    """Run every recurring job once, and send all that is due.

    What a clock that was moved makes due is done when this answers: cards and phones end, sessions
    and rows lapse, the journal is sealed, messages are out; those that a worker holds too.
    """
    provider = current_provider()
    jobs = recurring_jobs(provider)
    for job in jobs:
        job.run(provider)
    for kind in CARRIERS:
        drain(provider, kind)
    _let_workers_finish(provider)
    return JobsRun(ran=[*(job.name for job in jobs), "outbox"])


def _let_workers_finish(provider: Provider) -> None:
    """Wait for the messages that were being sent already, as long as one sending may take."""
    deadline = monotonic() + provider.settings.carrier_timeout.total_seconds()
    while monotonic() < deadline:
        with provider.store.read() as db:
            if not has_sending(db):
                return
        threading.Event().wait(_LOOK_AGAIN)
