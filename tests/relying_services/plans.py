"""How SQLite goes about the statements of a store: none may read a growing table from end to end.

`watched` keeps what a piece of work asks, `scanned` tells which tables those statements scan.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

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

    A statement that SQLite answers by a full scan of an index is told too: it grows as the table.
    """
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for statement, given in asked.items():
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            for detail in (str(row[-1]) for row in plan):
                if detail.startswith("SCAN ") and not detail.startswith("SCAN CONSTANT"):
                    found.setdefault(detail.split()[1], []).append(statement)
    return found
