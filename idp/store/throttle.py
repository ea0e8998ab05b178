"""Counting events in a window of time (decisions 24 and 37)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Executable,
    String,
    bindparam,
    case,
    delete,
    literal,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.store.models import ThrottleWindow
from idp.store.statements import run
from idp.store.types import Instant


def count_event(db: Session, key: str, *, window: timedelta, now: datetime) -> int:
    """Count one event and give how many fell in the running window, this one included."""
    return count_events(db, {key: window}, now=now)[key]


def count_events(db: Session, windows: Mapping[str, timedelta], *, now: datetime) -> dict[str, int]:
    """Count one event for each key, in one statement; gives each count, this one included."""
    # In one order everywhere: simultaneous transactions must not wait for each other in a ring.
    keys = sorted(windows)
    given: dict[str, Any] = {"now": now}
    for place, key in enumerate(keys):
        given |= {f"key_{place}": key, f"ends_{place}": now + windows[key]}
    counted = run(db, _count(db.get_bind().dialect.name, len(keys)), given)
    return {row["key"]: row["count"] for row in counted.mappings()}


@lru_cache
def _count(dialect: str, keys: int) -> Executable:
    backend: Any = postgresql if dialect == "postgresql" else sqlite
    lapsed = ThrottleWindow.expires_at <= bindparam("now")
    rows = [
        select(
            bindparam(f"key_{n}", type_=String), literal(1), bindparam(f"ends_{n}", type_=Instant)
        ).where(true())
        for n in range(keys)
    ]
    # From a SELECT: SQLAlchemy compiles an insert of several VALUES anew each time. SQLite wants
    # the WHERE, to tell the conflict clause from a join.
    statement = backend.insert(ThrottleWindow).from_select(
        ["key", "count", "expires_at"], union_all(*rows) if keys > 1 else rows[0]
    )
    counted: Executable = statement.on_conflict_do_update(
        index_elements=[ThrottleWindow.key],
        set_={
            "count": case((lapsed, 1), else_=ThrottleWindow.count + 1),
            "expires_at": case(
                (lapsed, statement.excluded.expires_at), else_=ThrottleWindow.expires_at
            ),
        },
    ).returning(ThrottleWindow.key, ThrottleWindow.count)
    return counted


def take_back(db: Session, keys: list[str]) -> None:
    """Count one event less for each key, of those that this transaction counted."""
    run(db, _TAKE_BACK, {"keys": sorted(keys)})


def window_ends(db: Session, key: str, *, now: datetime) -> datetime:
    """When the running window of a key ends; now, where none runs."""
    ends = db.scalar(select(ThrottleWindow.expires_at).where(ThrottleWindow.key == key))
    return max(ends or now, now)


def events_counted(db: Session, key: str, *, now: datetime) -> int:
    """How many events fell in the running window, without counting one."""
    return db.scalar(_COUNTED, {"key": key, "now": now}) or 0


def forget_counts(db: Session, keys: list[str]) -> None:
    """Start these windows anew at the next event."""
    run(db, _FORGET, {"keys": keys})


_COUNTED = select(ThrottleWindow.count).where(
    ThrottleWindow.key == bindparam("key"), ThrottleWindow.expires_at > bindparam("now")
)
_TAKE_BACK = (
    update(ThrottleWindow)
    .where(ThrottleWindow.key.in_(bindparam("keys", expanding=True)))
    .values(count=ThrottleWindow.count - 1)
)
_FORGET = delete(ThrottleWindow).where(ThrottleWindow.key.in_(bindparam("keys", expanding=True)))
