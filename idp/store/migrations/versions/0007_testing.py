"""What a simulation keeps for who tests against it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dev_exchanges",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("sid", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dev_exchanges")),
    )
    op.create_index("ix_dev_exchanges_at", "dev_exchanges", ["at"], unique=False)
    op.create_index(
        "ix_dev_exchanges_client_id", "dev_exchanges", ["client_id", "id"], unique=False
    )
    op.create_table(
        "dev_faults",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("times_left", sa.Integer(), nullable=True),
        sa.Column("committed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dev_faults")),
    )
    op.create_index("ix_dev_faults_endpoint", "dev_faults", ["endpoint", "id"], unique=False)
    op.create_table(
        "dev_snapshots",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_dev_snapshots")),
    )
    op.add_column("world", sa.Column("restorations", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("world", "restorations")
    op.drop_table("dev_snapshots")
    op.drop_index("ix_dev_faults_endpoint", table_name="dev_faults")
    op.drop_table("dev_faults")
    op.drop_index("ix_dev_exchanges_client_id", table_name="dev_exchanges")
    op.drop_index("ix_dev_exchanges_at", table_name="dev_exchanges")
    op.drop_table("dev_exchanges")
