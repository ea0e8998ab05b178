"""The content of every table at one moment, and back to it: of a simulation alone.

Generic over the tables that there are, and for both databases. Values are kept as the database
holds them, JSON as it is written, so that what comes back is what was there, bit for bit.
"""

import base64
import json
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    cast,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine, UserDefinedType

from idp.clock import monotonic
from idp.store.models import Base, DevSnapshot, OutboxMessage, World
from idp.store.statements import upsert
from idp.store.types import Instant

_LEFT_OUT = frozenset({DevSnapshot.__tablename__})
_STAYING = frozenset({(World.__tablename__, "restorations")})
"""Table and column of what a restoration does not bring back."""
_FAST = 1
"""Level of compression: tests wait for snapshots, and the place they take is soon given back."""
_LOCK_NOT_AVAILABLE = "55P03"
"""What PostgreSQL answers where somebody else has what should not be waited for."""
_LOOK_AGAIN = 0.01
_PATIENCE = 20.0
"""Seconds in which writers are given way to; then it stands in line with them."""


class OtherSchema(Exception):
    """The snapshot was taken under another version of the schema; the message names both."""


@dataclass(frozen=True)
class SnapshotLine:
    """A snapshot, without its content."""

    name: str
    created_at: datetime
    size: int
    """Bytes that its content takes."""


class _AsWritten(UserDefinedType[str]):
    """JSON as text: what is NULL and what is `null` stay apart."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """The type in the database."""
        return "JSON"

    def column_expression(self, column: Any) -> Any:
        """Read it as it is written."""
        return cast(column, Text)


def read_content(db: Session) -> bytes:
    """Everything that stands in the database, as of one moment."""
    _hold_tables(db, "SHARE")
    tables = {
        table.name: {
            "columns": [column.name for column in table.columns],
            "rows": list(_rows(db, table)),
        }
        for table in _tables()
    }
    content = {"schema": _schema(db), "tables": tables}
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode(), _FAST)


def write_content(db: Session, content: bytes) -> None:
    """Bring everything back, in the transaction that is open; nothing else may follow but events.

    What was being sent at that moment waits again. Processes see that `World.restorations` grew.

    Raises:
        OtherSchema: it was taken under another version of the schema; nothing was changed.
    """
    held = json.loads(zlib.decompress(content))
    if held["schema"] != (present := _schema(db)):
        raise OtherSchema(f"it is of schema {held['schema']}, and the database of {present}")
    _hold_tables(db, "EXCLUSIVE")
    restorations = db.scalar(select(World.restorations).where(World.id == 1)) or 0
    for table in reversed(_tables()):
        db.execute(delete(table))
    for table in _tables():
        _fill(db, table, **held["tables"][table.name])
    db.execute(update(World).where(World.id == 1).values(restorations=restorations + 1))
    db.execute(
        update(OutboxMessage).where(OutboxMessage.state == "sending").values(state="pending")
    )
    _set_sequences(db)
    db.expire_all()


def keep_snapshot(db: Session, name: str, content: bytes, *, now: datetime) -> None:
    """Keep a content under a name, in place of the one that has it."""
    values = {"content": content, "created_at": now}
    db.execute(
        upsert(db, DevSnapshot)
        .values(name=name, **values)
        .on_conflict_do_update(index_elements=[DevSnapshot.name], set_=values)
    )


def find_content(db: Session, name: str) -> bytes | None:
    """The content of a snapshot."""
    return db.scalar(select(DevSnapshot.content).where(DevSnapshot.name == name))


def list_snapshots(db: Session) -> list[SnapshotLine]:
    """Every snapshot, by name."""
    lines = select(DevSnapshot.name, DevSnapshot.created_at, func.length(DevSnapshot.content))
    return [SnapshotLine(*row) for row in db.execute(lines.order_by(DevSnapshot.name))]


def drop_snapshot(db: Session, name: str) -> bool:
    """Forget a snapshot; False where there is none."""
    dropped = delete(DevSnapshot).where(DevSnapshot.name == name).returning(DevSnapshot.name)
    return db.scalar(dropped) is not None


@cache
def _tables() -> Sequence[Table]:
    """Every table that is copied, those that others refer to first; each with raw columns."""
    return [
        Table(
            table.name,
            MetaData(),
            *(
                Column(column.name, _raw(column.type), primary_key=column.primary_key)
                for column in table.columns
                if (table.name, column.name) not in _STAYING
            ),
        )
        for table in Base.metadata.sorted_tables
        if table.name not in _LEFT_OUT
    ]


def _raw(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, Instant):
        return BigInteger()
    return _AsWritten() if isinstance(kind, JSON) else kind


def _rows(db: Session, table: Table) -> Iterator[list[Any]]:
    binary = [isinstance(column.type, LargeBinary) for column in table.columns]
    for row in db.execute(select(table)):
        yield [
            base64.b64encode(value).decode() if is_binary and value is not None else value
            for value, is_binary in zip(row, binary, strict=True)
        ]


def _fill(db: Session, table: Table, columns: list[str], rows: list[list[Any]]) -> None:
    binary = [isinstance(table.columns[name].type, LargeBinary) for name in columns]
    values = [
        {
            name: base64.b64decode(value) if is_binary and value is not None else value
            for name, value, is_binary in zip(columns, row, binary, strict=True)
        }
        for row in rows
    ]
    if values:
        db.connection().execute(insert(table).inline(), values)


def _hold_tables(db: Session, mode: str) -> None:
    """Let nobody write meanwhile: on SQLite the open transaction does that."""
    if db.get_bind().dialect.name != "postgresql":
        return
    names = ", ".join(table.name for table in _tables())
    hold = f"LOCK TABLE {names} IN {mode} MODE"
    gives_up = monotonic() + _PATIENCE
    # Waiting with some of them in hand, it would block whoever is to free the others.
    while not _is_had_at_once(db, hold):
        if monotonic() > gives_up:
            db.execute(text(hold))
            return
        threading.Event().wait(_LOOK_AGAIN)


def _is_had_at_once(db: Session, hold: str) -> bool:
    try:
        with db.begin_nested():
            db.execute(text(f"{hold} NOWAIT"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _set_sequences(db: Session) -> None:
    """Let PostgreSQL count on from the highest that is there; SQLite does so by itself."""
    if db.get_bind().dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or table.name in _LEFT_OUT:
            continue
        highest = func.max(column)
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        db.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def _schema(db: Session) -> str:
    return str(db.scalar(text("SELECT version_num FROM alembic_version")))
