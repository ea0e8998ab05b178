"""What a service does not keep for ever: entries of the trace, messages, drafts, sign-ins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from relying_services.service.service import Kind
from relying_services.service.store.database import Store
from relying_services.service.store.messages import purge_messages
from relying_services.service.store.scrubbing import scrub
from relying_services.service.store.sessions import purge_sessions
from relying_services.service.store.trace import purge_trace


@dataclass(frozen=True)
class Retention:
    """How many days something is kept."""

    trace_days: int
    """An entry of the trace."""
    message_days: int = 90
    """A mail or a letter; one with a code or a link, no longer than that can be used."""
    draft_days: int = 30
    """What was drawn up and never confirmed."""


def forget(kind: Kind, store: Store, now: datetime, retention: Retention) -> bool:
    """Forget what was kept long enough.

    Gives whether nothing of it is left in the files of the database either (see `scrub`).
    """
    with store.begin() as db:
        purge_trace(db, now - timedelta(days=retention.trace_days))
        purge_sessions(db, now)
        purge_messages(db, now, now - timedelta(days=retention.message_days))
        if kind.on_purge is not None:
            kind.on_purge(db, now, now - timedelta(days=retention.draft_days))
    return scrub(store)
