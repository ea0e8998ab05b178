"""The schema: what migrations build is what the models say, on both databases."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from idp.provider import Provider
from idp.store.database import Store
from idp.store.migrate import _config, is_current, upgrade
from idp.store.models import Base, BrowserSession

_BEFORE_CARDS = "0001"
_SESSION = text(
    "INSERT INTO sessions (sid, cookie_hash, national_id, account_id, auth_time, means,"
    " last_activity_at, created_at, expires_at)"
    " VALUES ('sid', :hash, '899700990015', 'account', 0, '{\"MOBILE\": 0}', 0, 0, 0)"
)


def test_migrations_and_models_agree(both: Provider) -> None:
    with both.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_of_a_current_database_changes_nothing(both: Provider) -> None:
    upgrade(both.store)
    assert is_current(both.store)


def test_a_database_from_before_the_card_is_upgraded_with_what_it_holds(both: Provider) -> None:
    go_back(both.store, _BEFORE_CARDS)
    assert not is_current(both.store)
    with both.store.engine.execution_options(ecps_write=True).begin() as connection:
        connection.execute(_SESSION, {"hash": b"h"})
    upgrade(both.store)
    assert is_current(both.store)
    test_migrations_and_models_agree(both)
    with both.store.read() as db:
        session = db.get_one(BrowserSession, "sid")
    assert session.created_at == datetime.fromtimestamp(0, UTC)
    assert (session.means, session.card_number) == ({"MOBILE": 0}, None)


def go_back(store: Store, revision: str) -> None:
    with store.engine.execution_options(ecps_write=True).begin() as connection:
        command.downgrade(_config(connection), revision)
