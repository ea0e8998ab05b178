"""Indexes for the purge of drafts."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("act_unsent", "act", ["settled_at", "drawn_at"])
    op.create_index("delegation_draft", "delegation", ["state", "created_at"])


def downgrade() -> None:
    op.drop_index("delegation_draft", table_name="delegation")
    op.drop_index("act_unsent", table_name="act")
