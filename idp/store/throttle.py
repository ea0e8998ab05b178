"""Counting events in a window of time (decisions 24 and 37)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.store.models import ThrottleWindow
from idp.store.types import Instant


def count_event(db: Session, key: str, *, window: timedelta, now: datetime) -> int:
    """Count one event and give how many fell in the running window, this one included."""
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    lapsed = ThrottleWindow.expires_at <= now
    # Said outright: inside CASE a bare instant would be bound as the driver's own timestamp.
    ends = literal(now + window, Instant)
    statement = backend.insert(ThrottleWindow).values(key=key, count=1, expires_at=now + window)
    statement = statement.on_conflict_do_update(
        index_elements=[ThrottleWindow.key],
        set_={
            "count": case((lapsed, 1), else_=ThrottleWindow.count + 1),
            "expires_at": case((lapsed, ends), else_=ThrottleWindow.expires_at),
        },
    ).returning(ThrottleWindow.count)
    return int(db.execute(statement).scalar_one())


def window_ends(db: Session, key: str, *, now: datetime) -> datetime:
    """When the running window of a key ends; now, where none runs."""
    ends = db.scalar(select(ThrottleWindow.expires_at).where(ThrottleWindow.key == key))
    return max(ends or now, now)


def events_counted(db: Session, key: str, *, now: datetime) -> int:
    """How many events fell in the running window, without counting one."""
    counted = select(ThrottleWindow.count).where(
        ThrottleWindow.key == key, ThrottleWindow.expires_at > now
    )
    return db.scalar(counted) or 0


def forget_counts(db: Session, keys: list[str]) -> None:
    """Start these windows anew at the next event."""
    db.execute(
        delete(ThrottleWindow)
        .where(ThrottleWindow.key.in_(keys))
        .execution_options(synchronize_session=False)
    )
