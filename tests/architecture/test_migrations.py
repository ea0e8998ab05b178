"""The schema: what migrations build is what the models say, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from idp.provider import Provider
from idp.store.migrate import is_current, upgrade
from idp.store.models import Base


def test_migrations_and_models_agree(both: Provider) -> None:
    with both.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_of_a_current_database_changes_nothing(both: Provider) -> None:
    upgrade(both.store)
    assert is_current(both.store)
