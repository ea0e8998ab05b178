"""Who is signed in to a service: rows of its own database, found by a handle in a cookie."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relying_services.service.digest import digest
from relying_services.service.settings import SessionLimits
from relying_services.service.store.models import SessionRow

_USE_NOTED_EVERY = timedelta(seconds=10)
_KEPT_AFTER = timedelta(days=1)
"""Whoever comes back within it is told that the session was cut (MA-07)."""


def open_session(
    db: Session,
    limits: SessionLimits,
    now: datetime,
    *,
    actor: str,
    name: str,
    means: str,
    userinfo: dict[str, Any] | None = None,
    sub: str | None = None,
    sid: str | None = None,
    id_token: str | None = None,
    activity: dict[str, Any] | None = None,
) -> str:
    """Keep a new sign-in; gives the handle for the cookie, which is kept nowhere.

    Those that were over long ago go: a row holds what the provider told of a person.
    """
    purge_sessions(db, now)
    handle = secrets.token_urlsafe(24)
    db.add(
        SessionRow(
            handle=digest(handle),
            actor=actor,
            sub=sub,
            sid=sid,
            name=name,
            means=means,
            id_token=id_token,
            userinfo=userinfo or {},
            activity=activity,
            kept={},
            opened_at=now,
            seen_at=now,
            ends_at=_end(limits, opened_at=now, seen_at=now),
        )
    )
    return handle


def purge_sessions(db: Session, now: datetime) -> None:
    """Forget sign-ins that were over long ago."""
    db.execute(delete(SessionRow).where(SessionRow.ends_at <= now - _KEPT_AFTER))


def find_session(db: Session, handle: str | None) -> SessionRow | None:
    """The sign-in of a handle, whether it is over or not."""
    return db.get(SessionRow, digest(handle)) if handle else None


def is_use_to_be_noted(row: SessionRow, now: datetime) -> bool:
    """Whether a use counts as one: not each of many within some seconds is written down."""
    return now - row.seen_at >= _USE_NOTED_EVERY


def note_use(db: Session, row: SessionRow, limits: SessionLimits, now: datetime) -> None:
    """It is used: the idle limit counts from now."""
    ends_at = _end(limits, opened_at=row.opened_at, seen_at=now)
    db.execute(
        update(SessionRow)
        .where(SessionRow.handle == row.handle)
        .values(seen_at=now, ends_at=ends_at)
    )
    row.seen_at, row.ends_at = now, ends_at


def choose_activity(db: Session, row: SessionRow, activity: dict[str, Any]) -> None:
    """The person acts under this activity from now on (CP-08)."""
    db.execute(update(SessionRow).where(SessionRow.handle == row.handle).values(activity=activity))


def keep(db: Session, row: SessionRow, **values: Any) -> None:
    """Remember something of a sign-in; None forgets it."""
    kept = {name: value for name, value in (row.kept | values).items() if value is not None}
    db.execute(update(SessionRow).where(SessionRow.handle == row.handle).values(kept=kept))
    row.kept = kept


def end_session(db: Session, row: SessionRow) -> None:
    """Forget a sign-in."""
    db.execute(delete(SessionRow).where(SessionRow.handle == row.handle))


def end_of_provider(db: Session, *, sid: str | None, sub: str | None) -> list[SessionRow]:
    """Forget the sign-ins of a session of the provider, or of a person in all of theirs.

    Gives those that ended.
    """
    if sid is None and sub is None:
        return []
    query = delete(SessionRow)
    if sid is not None:
        query = query.where(SessionRow.sid == sid)
    if sub is not None:
        query = query.where(SessionRow.sub == sub)
    return list(db.scalars(query.returning(SessionRow)))


def live_sessions_of(db: Session, actor: str, now: datetime) -> list[SessionRow]:
    """The sign-ins of somebody that are not over."""
    query = select(SessionRow).where(SessionRow.actor == actor, SessionRow.ends_at > now)
    return list(db.scalars(query))


def end_sessions_of(db: Session, actor: str) -> None:
    """Forget the sign-ins of somebody, also those that are over."""
    db.execute(delete(SessionRow).where(SessionRow.actor == actor))


def _end(limits: SessionLimits, *, opened_at: datetime, seen_at: datetime) -> datetime:
    end = opened_at + limits.absolute
    return end if limits.idle is None else min(end, seen_at + limits.idle)
