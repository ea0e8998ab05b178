"""Statements that both databases know, each in a dialect of its own."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def insert_or(db: Session, model: type[DeclarativeBase]) -> Any:
    """An insert that can say what happens where the row is there already."""
    backend: Any = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    return backend.insert(model)
