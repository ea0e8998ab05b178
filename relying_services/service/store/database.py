"""A service's own database: engine, transactions, migrations.

SQLite (WAL) by default, PostgreSQL by address. A service has two sets of tables, each with its
migrations: those that every service has, and its own. SQL stands in the `store` of each
package.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from relying_services.service.store.models import Base

_WRITE = {"service_write": True}
_LOCK = 0x53455256


@dataclass(frozen=True)
class Tables:
    """One set of tables and where its migrations lie.

    Attributes:
        name: of the set, in the name of its version table.
        metadata: of the tables.
        migrations: the folder of the migrations.
    """

    name: str
    metadata: MetaData
    migrations: Path


OF_EVERY_SERVICE = Tables("service", Base.metadata, Path(__file__).with_name("migrations"))


class Store:
    """Opens transactions, one a step.

    Args:
        url: SQLAlchemy address.
        own: the service's own tables.
    """

    def __init__(self, url: str, own: Tables | None = None) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.tables: Sequence[Tables] = (OF_EVERY_SERVICE, *((own,) if own else ()))
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._reading = sessionmaker(self.engine, expire_on_commit=False)
        writing = self.engine.execution_options(**_WRITE)
        self._writing = sessionmaker(writing, expire_on_commit=False)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction that may write: committed at the end, rolled back on any error."""
        with self._writing.begin() as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads, and never waits for a writer."""
        with self._reading() as db:
            yield db

    def upgrade(self) -> None:
        """Bring the schema up to date; simultaneous callers wait for each other."""
        with self.engine.execution_options(**_WRITE).begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            for tables in self.tables:
                _migrate(connection, tables)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _migrate(connection: Any, tables: Tables) -> None:
    script = ScriptDirectory(str(tables.migrations), version_locations=[str(tables.migrations)])

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - what Alembic's command calls

    with EnvironmentContext(Config(), script, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=connection,
            target_metadata=tables.metadata,
            version_table=f"alembic_version_{tables.name}",
        )
        with environment.begin_transaction():
            environment.run_migrations()


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
            # What a service deletes for good is not to be read in the free pages of its file.
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A reader that becomes a writer can fail at once; a writer says so from the start.
        immediate = connection.get_execution_options().get("service_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> Engine:
    address = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(address, pool_pre_ping=True, pool_size=4)
