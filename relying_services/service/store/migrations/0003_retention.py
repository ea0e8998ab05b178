"""Until when a message is worth something, and indexes for its purge.

The `messages` command goes on behind a number: on SQLite the number of a message that was purged
must not be given to another.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with _altered() as table:
        table.add_column(sa.Column("ends_at", sa.BigInteger(), nullable=True))
    op.create_index("service_message_at", "service_message", ["at"])
    op.create_index("service_message_ends", "service_message", ["ends_at"])


def downgrade() -> None:
    op.drop_index("service_message_ends", table_name="service_message")
    op.drop_index("service_message_at", table_name="service_message")
    with _altered() as table:
        table.drop_column("ends_at")


def _altered():
    """SQLite makes the table anew, PostgreSQL alters it: its sequence never goes back anyway."""
    is_sqlite = op.get_context().dialect.name == "sqlite"
    return op.batch_alter_table(
        "service_message",
        recreate="always" if is_sqlite else "never",
        table_kwargs={"sqlite_autoincrement": True},
    )
