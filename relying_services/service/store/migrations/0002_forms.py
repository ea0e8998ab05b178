"""Forms that were done, each once; an index for the mails that are due."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "service_form",
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("led_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("form"),
    )
    op.create_index("service_form_used", "service_form", ["used_at"])
    op.drop_index("service_message_unsent", table_name="service_message")
    op.create_index("service_message_due", "service_message", ["kind", "sent_at", "due_at"])


def downgrade() -> None:
    op.drop_index("service_message_due", table_name="service_message")
    op.create_index("service_message_unsent", "service_message", ["sent_at", "due_at"])
    op.drop_index("service_form_used", table_name="service_form")
    op.drop_table("service_form")
