"""The migrations of the workstation against its models, and against what was there before."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from relying_services.billing.store.mailbox_access import find
from relying_services.billing.store.tables import TABLES
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from tests.relying_services.billing.surgery import Surgery


def test_the_migrations_make_the_tables_of_the_models(either_url: str) -> None:
    """On both databases: tables, columns, whether they may be empty, indexes."""
    store = Store(either_url, TABLES)
    store.upgrade()

    def is_own(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in TABLES.metadata.tables

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_own})
        assert compare_metadata(context, TABLES.metadata) == []
    store.close()


def go_back(store: Store, revision: str) -> None:
    """The workstation's own tables as an earlier version had them."""
    folder = str(TABLES.migrations)
    script = ScriptDirectory(folder, version_locations=[folder])

    def steps(current: Any, _context: Any) -> Any:
        return script._downgrade_revs(revision, current)  # what Alembic's command calls

    writing = store.engine.execution_options(service_write=True)
    with (
        writing.begin() as connection,
        EnvironmentContext(Config(), script, fn=steps, destination_rev=revision) as environment,
    ):
        environment.configure(
            connection=connection,
            target_metadata=TABLES.metadata,
            version_table=f"alembic_version_{TABLES.name}",
        )
        with environment.begin_transaction():
            environment.run_migrations()


def test_access_that_was_granted_before_there_was_a_choice_stays(
    tmp_path: Path, either_url: str, clock: Clock
) -> None:
    """SV-05: a database of an earlier version keeps its sessions and who may use which mailbox."""
    surgery = Surgery(tmp_path, either_url, clock)
    granted, asked = surgery.prepare(), surgery.prepare(mailbox="asked")
    store = service_of(surgery.app).store
    go_back(store, "0001")
    store.upgrade()
    with store.read() as db:
        kept, gone = find(db, granted), find(db, asked)
    assert gone is None
    assert kept is not None
    assert (kept.granted_at is None, kept.asked_of, kept.asked_at) == (False, None, None)
    assert surgery.state(granted) == surgery.state(asked) == "preparee"
    store.close()
