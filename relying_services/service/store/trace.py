"""Entries of the trace: added and read, never changed; forgotten when their retention is over."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from relying_services.service.store.models import TraceRow


def entries(
    db: Session,
    *,
    actor: str | None = None,
    on_behalf_of: str | None = None,
    delegation_id: str | None = None,
    sid: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[TraceRow]:
    """Entries, newest first: those of an actor, of a person acted for, of a delegation, a session.

    Args:
        db: a transaction.
        actor: who acted.
        on_behalf_of: for whom.
        delegation_id: under which delegation.
        sid: in which session of the provider.
        before: number of an entry; only older ones are given.
        limit: how many at the most.
    """
    asked = {
        TraceRow.actor: actor,
        TraceRow.on_behalf_of: on_behalf_of,
        TraceRow.delegation_id: delegation_id,
        TraceRow.sid: sid,
    }
    query = select(TraceRow).order_by(TraceRow.id.desc()).limit(limit)
    for column, value in asked.items():
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(TraceRow.id < before)
    return db.scalars(query).all()


def purge_trace(db: Session, before: datetime) -> None:
    """Forget entries whose retention is over."""
    db.execute(delete(TraceRow).where(TraceRow.at < before))
