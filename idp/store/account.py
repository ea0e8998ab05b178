"""What a person is shown of what is held about them: services, history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from idp.store.models import Client, Grant, JournalEvent, RefreshToken, SessionClient


@dataclass(frozen=True)
class Granted:
    """One thing that a service was granted in a session."""

    sid: str
    client: Client
    scope: str
    claims: dict[str, Any]
    granted_at: datetime
    acts_until: datetime | None
    """Until when it may go on by itself, with a refresh token that is still good."""


def services_entered(
    db: Session, sids: Sequence[str]
) -> list[tuple[str, Client, datetime, str | None]]:
    """(sid, service, since, chosen activity) of every service let in, oldest first."""
    if not sids:
        return []
    rows = db.execute(
        select(
            SessionClient.sid,
            Client,
            SessionClient.confirmed_at,
            SessionClient.selected_activity,
        )
        .join(Client, Client.client_id == SessionClient.client_id)
        .where(SessionClient.sid.in_(sids))
        .order_by(SessionClient.confirmed_at, SessionClient.client_id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def granted_in(db: Session, sids: Sequence[str], *, now: datetime) -> list[Granted]:
    """What was granted in these sessions, oldest first; a grant that was revoked released too."""
    if not sids:
        return []
    good = (
        select(func.max(RefreshToken.expires_at))
        .where(
            RefreshToken.grant_id == Grant.grant_id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.expires_at > now,
            Grant.revoked_at.is_(None),
        )
        .correlate(Grant)
        .scalar_subquery()
    )
    rows = db.execute(
        select(Grant, Client, good)
        .join(Client, Client.client_id == Grant.client_id)
        .where(Grant.sid.in_(sids))
        .order_by(Grant.created_at, Grant.grant_id)
    )
    return [
        Granted(grant.sid, client, grant.scope, grant.claims, grant.created_at, acts_until)
        for grant, client, acts_until in rows
    ]


def events_of_person(
    db: Session,
    identifiers: Sequence[str],
    *,
    events: Sequence[str],
    client_id: str | None = None,
    since: datetime | None = None,
    before: int = 0,
    limit: int,
) -> list[JournalEvent]:
    """What the journal holds under these identifiers, newest first, of these kinds of events.

    ``before`` goes on below a sequence number; ``client_id`` leaves those of one service.
    """
    query = (
        select(JournalEvent)
        .where(JournalEvent.person.in_(identifiers), JournalEvent.event.in_(events))
        .order_by(JournalEvent.seq.desc())
        .limit(limit)
    )
    if client_id is not None:
        query = query.where(JournalEvent.client_id == client_id)
    if since is not None:
        query = query.where(JournalEvent.at >= since)
    if before:
        query = query.where(JournalEvent.seq < before)
    return list(db.scalars(query))


def services_in_journal(db: Session, identifiers: Sequence[str]) -> list[str]:
    """Ids of the services that the journal names beside these identifiers."""
    named = (
        select(JournalEvent.client_id)
        .where(JournalEvent.person.in_(identifiers), JournalEvent.client_id.is_not(None))
        .distinct()
        .order_by(JournalEvent.client_id)
    )
    return [client_id for client_id in db.scalars(named) if client_id is not None]


def names_of_services(db: Session, client_ids: Sequence[str]) -> dict[str, str]:
    """What services are called; one that was removed has no name any more."""
    rows = db.execute(select(Client.client_id, Client.name).where(Client.client_id.in_(client_ids)))
    return {row[0]: row[1] for row in rows}
