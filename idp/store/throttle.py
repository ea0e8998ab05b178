"""Counting events in a window of time (decisions 24 and 37)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.store.models import ThrottleWindow


def count_event(db: Session, key: str, *, window: timedelta, now: datetime) -> int:
    """Count one event and give how many fell in the running window, this one included."""
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    lapsed = ThrottleWindow.expires_at <= now
    statement = backend.insert(ThrottleWindow).values(key=key, count=1, expires_at=now + window)
    statement = statement.on_conflict_do_update(
        index_elements=[ThrottleWindow.key],
        set_={
            "count": case((lapsed, 1), else_=ThrottleWindow.count + 1),
            "expires_at": case((lapsed, now + window), else_=ThrottleWindow.expires_at),
        },
    ).returning(ThrottleWindow.count)
    return int(db.execute(statement).scalar_one())
