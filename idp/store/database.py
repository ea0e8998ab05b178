"""The database: engine, transactions, and what the two supported databases need.

SQLite (WAL) by default, PostgreSQL by address. SQL stands only in this package (design, 5).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from idp.store.journal import write_noted_events

_WRITE = {"ecps_write": True}
_KEPT = 4


class Store:
    """Opens transactions; one a step (design, 5).

    Args:
        url: SQLAlchemy address.
        kept: connections to PostgreSQL that stay open between transactions.
    """

    def __init__(self, url: str, *, kept: int = _KEPT) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url, kept)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        writing = self.engine.execution_options(**_WRITE)
        self._writing = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that may write: committed at the end, rolled back on any error."""
        with self._writing.begin() as db:
            yield db
            write_noted_events(db)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, and never waits for a writer."""
        with self._reading() as db:
            yield db

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: `begin` below chooses their kind.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "busy_timeout=10000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A reader that becomes a writer can fail at once; a writer says so from the start.
        immediate = connection.get_execution_options().get("ecps_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql_engine(url: str, kept: int) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    if not kept:  # a pool of none would be one without an end
        return create_engine(address, poolclass=NullPool)
    return create_engine(address, pool_pre_ping=True, pool_size=kept, max_overflow=4)
