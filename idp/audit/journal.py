"""Recording security events: a plain insert in the transaction of the event (decision 39)."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prometheus_client import Counter
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.store.journal import note_event
from idp.store.models import JournalEvent


@dataclass(frozen=True)
class Origin:
    """Where a request came from; set once a request, read by every event it causes."""

    request_id: str | None = None
    address: str | None = None
    actor: str | None = None
    """Who acts wherever an event names nobody: the operator at work on the console."""


RECORDED = Counter("ecps_events", "Security events recorded.", ["event", "outcome"])

_NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def record(
    db: Session,
    event: Event,
    *,
    now: datetime,
    success: bool = True,
    person: str | None = None,
    actor: str | None = None,
    client_id: str | None = None,
    device_id: str | None = None,
    sid: str | None = None,
    **data: Any,
) -> None:
    """Write one event. ``data`` must hold no secret, code, PIN, signature or contact."""
    where = origin.get()
    RECORDED.labels(event.value, "success" if success else "failure").inc()
    note_event(
        db,
        JournalEvent(
            at=now,
            event=event.value,
            outcome="success" if success else "failure",
            person=person,
            actor=actor or where.actor,
            client_id=client_id,
            device_id=device_id,
            sid=sid,
            address=where.address,
            request_id=where.request_id,
            data=data,
        ),
    )
