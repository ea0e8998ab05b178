"""Schema migrations: run once, under a lock, before workers start (measured.md, pitfall 4)."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from idp.store.database import Store

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x65435053


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(store: Store) -> None:
    """Bring the schema up to date; simultaneous callers wait for each other."""
    writer = store.engine.execution_options(ecps_write=True)
    with writer.begin() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(_config(connection), "head")


def is_current(store: Store) -> bool:
    """Whether the schema is the one this version expects."""
    try:
        with store.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == _head()
    except SQLAlchemyError:
        return False


@cache
def _head() -> str | None:
    """The newest migration: they come with the program, and stay while it runs."""
    return ScriptDirectory.from_config(_config()).get_current_head()
