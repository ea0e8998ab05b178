"""The recurring jobs of a provider, and the worker that runs them inside a server."""

import atexit

import structlog
from flask import Flask

from idp.audit.seal import SegmentBroken, purge_segments, seal_all
from idp.cards.renewal import deliver_cards, expire_cards, renew_due
from idp.devices.lifecycle import expire, remind
from idp.exchange.jobs import check_sessions, read_keys
from idp.holders import follow_directory
from idp.outbox.documents import fetch_documents
from idp.outbox.expiry import delete_expired
from idp.provider import EXTENSION, Provider
from idp.worker.lapsing import lapse_pending_acts
from idp.worker.worker import Job, Worker

log = structlog.get_logger(__name__)


def recurring_jobs(provider: Provider) -> list[Job]:
    """What runs again and again beside the outbox.

    Expiry, the journal, cards, the directory, and fetching what clients publish; at an API's
    issuer, where nobody signs in, what is asked of the issuers it trusts.
    """
    settings = provider.settings
    everywhere = [
        Job("expiry", settings.expiry_interval, _expire),
        Job("journal", settings.sealing_interval, _keep_journal),
        Job("fetch", settings.document_interval, fetch_documents),
    ]
    if settings.is_of_an_api:
        return [
            *everywhere,
            Job("trusted-keys", settings.trusted_keys_pace, read_keys),
            Job("api-sessions", settings.subject_check_pace, check_sessions),
        ]
    return [
        *everywhere,
        Job("cards", settings.card_job_interval, _keep_cards),
        Job("directory", settings.follow_interval, _follow_directory),
    ]


def init_app(app: Flask) -> None:
    """Start the embedded worker of this process, where the settings want one."""
    provider: Provider = app.extensions[EXTENSION]
    if not provider.settings.embedded_worker:
        return
    worker = Worker(provider, recurring_jobs(provider))
    worker.start()
    atexit.register(worker.stop)


def _expire(provider: Provider) -> None:
    with provider.store.begin() as db:
        provider.synchronise_clock(db)
        expire(provider, db)
        remind(provider, db)
    delete_expired(provider)
    lapse_pending_acts(provider)


def _keep_cards(provider: Provider) -> None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    # Before they expire: a card that ended while no worker ran is renewed all the same (CP-11).
    renew_due(provider)
    expire_cards(provider)
    deliver_cards(provider)


def _follow_directory(provider: Provider) -> None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    follow_directory(provider)


def _keep_journal(provider: Provider) -> None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    seal_all(provider)
    try:
        purge_segments(provider)
    except SegmentBroken as error:
        # Sealing goes on: what was tampered with stays, for `audit verify` to show.
        log.error("journal broken", error=str(error))  # noqa: TRY400 - the words say it all
