"""Access to a mailbox asked of its provider; indexes of what is looked up by state or by number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("mailbox_access") as table:
        table.alter_column("granted_at", existing_type=sa.BigInteger(), nullable=True)
        table.add_column(sa.Column("asked_of", sa.Text(), nullable=True))
        table.add_column(sa.Column("asked_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("message_id", sa.Integer(), nullable=True))
    op.create_index("replacement_state", "replacement", ["state"])
    op.create_index("invoice_newest", "invoice", ["billed_for", "number"])


def downgrade() -> None:
    op.drop_index("invoice_newest", table_name="invoice")
    op.drop_index("replacement_state", table_name="replacement")
    # An access that was asked for and not opened is none.
    op.execute("DELETE FROM mailbox_access WHERE granted_at IS NULL")
    with op.batch_alter_table("mailbox_access") as table:
        table.drop_column("message_id")
        table.drop_column("asked_at")
        table.drop_column("asked_of")
        table.alter_column("granted_at", existing_type=sa.BigInteger(), nullable=False)
