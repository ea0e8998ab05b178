"""The key that a grant is bound to (DPoP)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("grants", sa.Column("dpop_jkt", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("grants", "dpop_jkt")
