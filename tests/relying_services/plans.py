"""How a database goes about the statements of a store: none may read a growing table as a whole.

`watched` keeps what a piece of work asks, `scanned` tells which tables those statements scan.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

Asked = dict[str, Any]
"""Parameters by statement: each statement once, however often it was asked."""

_ASKS = ("SELECT", "UPDATE", "DELETE")


@contextmanager
def watched(engine: Engine) -> Iterator[Asked]:
    """Statements that look rows up within the block, on any connection of the engine."""
    asked: Asked = {}

    def listen(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(_ASKS):
            asked.setdefault(statement, given)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def scanned(engine: Engine, asked: Asked) -> dict[str, list[str]]:
    """Tables that are read from end to end, with the statements that do so.

    A statement that is answered by a full scan of an index is told too: it grows as the table. What
    PostgreSQL finds by a later column of an index alone is not seen; SQLite's plan tells it.
    """
    tell = _scans_of_sqlite if engine.dialect.name == "sqlite" else _scans_of_postgresql
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for statement, given in asked.items():
            for table in tell(connection, statement, given):
                found.setdefault(table, []).append(statement)
    return found


def _scans_of_sqlite(connection: Connection, statement: str, given: Any) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
    for detail in (str(row[-1]) for row in plan):
        if detail.startswith("SCAN ") and not detail.startswith("SCAN CONSTANT"):
            yield detail.split()[1]


def _scans_of_postgresql(connection: Connection, statement: str, given: Any) -> Iterator[str]:
    # In a small table it reads everything wherever it may: then only what has no index is seen.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", given).scalars()
    yield from _unbounded(plan[0]["Plan"])


def _unbounded(node: dict[str, Any]) -> Iterator[str]:
    kind = node["Node Type"]
    if kind == "Seq Scan" or (kind.startswith("Index") and "Index Cond" not in node):
        yield node["Relation Name"]
    for each in node.get("Plans", []):
        yield from _unbounded(each)
