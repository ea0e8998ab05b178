"""Acts of the console that nobody decided of in time."""

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store.pending_acts import lapse_acts


def lapse_pending_acts(provider: Provider) -> None:
    """Mark them, each in the journal; nothing of them happens any more as it is."""
    with provider.store.begin() as db:
        now = provider.clock.now()
        for act in lapse_acts(db, now=now):
            record(
                db,
                Event.ACT_LAPSED,
                now=now,
                success=False,
                act=act.kind,
                subject=act.subject,
                act_id=act.act_id,
                asked_by=act.asked_by,
            )
