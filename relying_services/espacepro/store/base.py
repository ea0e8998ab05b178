"""The tables of EspacePro have one base; those that every service has, another."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Metadata of EspacePro's own tables."""
