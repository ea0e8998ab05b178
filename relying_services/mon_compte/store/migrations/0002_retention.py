"""Indexes for the purge of drafts and of codes."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("form_order_unconfirmed", "form_order", ["confirmed_at", "drawn_at"])
    op.create_index("letter_ends", "letter", ["ends_at"])


def downgrade() -> None:
    op.drop_index("letter_ends", table_name="letter")
    op.drop_index("form_order_unconfirmed", table_name="form_order")
