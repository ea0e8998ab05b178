"""The tables of the account have one base; those that every service has, another."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Metadata of the account's own tables."""
