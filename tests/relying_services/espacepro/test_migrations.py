"""The migrations of EspacePro against its models."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from relying_services.espacepro.store.tables import TABLES, WITH_TABLES
from relying_services.service.store.database import Store


def test_the_migrations_make_the_tables_of_the_models(either: Store) -> None:
    """On both databases: tables, columns, indexes."""
    assert WITH_TABLES

    def is_own(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in TABLES.metadata.tables

    with either.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_own})
        assert compare_metadata(context, TABLES.metadata) == []
