"""An index of the letters that wait to be read, so that they are counted without the others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "letter_unread", "letter", ["recipient"], sqlite_where=unread, postgresql_where=unread
    )


def downgrade() -> None:
    op.drop_index("letter_unread", table_name="letter")
