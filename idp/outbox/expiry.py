"""The expiry job: lapsed state goes, a bounded batch a transaction."""

from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from idp.provider import Provider
from idp.store.exchanges import delete_old_exchanges
from idp.store.expiry import delete_lapsed, delete_lapsed_sessions, lapsing_tables
from idp.store.outbox import delete_done_messages


def delete_expired(provider: Provider) -> int:
    """Delete all that has lapsed; gives the number of rows.

    Each batch is a transaction of its own, so that sign-ins never wait long for it.
    """
    settings, limit = provider.settings, provider.settings.expiry_batch
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    now = provider.clock.now()
    jobs: list[Callable[[Session], int]] = [
        partial(delete_lapsed, lapsing=lapsing, now=now, limit=limit)
        for lapsing in lapsing_tables(
            ticket_retention=settings.ticket_retention,
            code_retention=settings.session_lifetime,
            page_retention=settings.interaction_lifetime,
            act_retention=settings.pending_act_retention,
        )
    ]
    jobs.append(partial(delete_lapsed_sessions, now=now, limit=limit))
    done_before = now - settings.outbox_retention
    jobs.append(partial(delete_done_messages, before=done_before, limit=limit))
    recorded_before = now - settings.recorder_retention
    jobs.append(
        partial(
            delete_old_exchanges, before=recorded_before, kept=settings.recorder_kept, limit=limit
        )
    )
    return sum(_run(provider, job, limit) for job in jobs)


def _run(provider: Provider, job: Callable[[Session], int], limit: int) -> int:
    total = 0
    while True:
        with provider.store.begin() as db:
            deleted = job(db)
        total += deleted
        if deleted < limit:
            return total
