"""Statements that both databases know, each in a dialect of its own."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def insert_or(db: Session, model: type[DeclarativeBase]) -> Any:
    """An insert that can say what happens where the row is there already."""
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return backend.insert(model)


def one_at_a_time(db: Session, what: str, whose: str) -> None:
    """Hold up whoever counts the same for the same person, until this transaction ends.

    So of requests sent at once none exceeds a budget: each counts what those before it did. On
    SQLite a transaction that may write is alone anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        key = func.hashtextextended(f"{what} of {whose}", 0)
        db.execute(select(func.pg_advisory_xact_lock(key)))
