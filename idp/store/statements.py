"""Running what is run for every sign-in.

Composing a statement costs several times what running it does, and the ORM's bookkeeping of a
write as much again (docs/performance.md). So statements of the hot path stand at module level,
with named parameters, and writes go to the connection of the session's transaction.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import CursorResult, Executable, Insert, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from idp.store.models.base import Base

_STATE = "_sa_instance_state"


def run(db: Session, statement: Executable, parameters: Mapping[str, Any]) -> CursorResult[Any]:
    """Run a statement that the session need not know of."""
    return db.connection().execute(statement, parameters)


def changes_one(db: Session, statement: Executable, parameters: Mapping[str, Any]) -> bool:
    """Run a conditional change: whether it found its row."""
    return run(db, statement, parameters).rowcount == 1


def insert_row(db: Session, row: Base) -> None:
    """Write a new row at once; the object is only its values, later changes are not written."""
    run(db, _insert(type(row)), values_of(row))


def insert_rows(db: Session, rows: Sequence[Base]) -> None:
    """Write new rows of one table in one statement; all must give the same columns."""
    if rows:
        db.connection().execute(_insert(type(rows[0])), [values_of(row) for row in rows])


def upsert(db: Session, model: type[Base]) -> Any:
    """An insert that can say what happens where the row is there already."""
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return backend.insert(model)


def values_of(row: Base) -> dict[str, Any]:
    """What was set on a new row."""
    return {name: value for name, value in vars(row).items() if name != _STATE}


@lru_cache
def _insert(model: type[Base]) -> Insert:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(model)
    return insert(table).inline()
