"""Security keys, operators of the console, what a person is shown of their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_ceremonies",
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("bound_to", sa.LargeBinary(), nullable=False),
        sa.Column("holder_kind", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("user_handle", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_key_ceremonies")),
    )
    op.create_index("ix_key_ceremonies_expires_at", "key_ceremonies", ["expires_at"], unique=False)
    op.create_table(
        "operator_sessions",
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("last_activity_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("cookie_hash", name=op.f("pk_operator_sessions")),
    )
    op.create_index(
        "ix_operator_sessions_expires_at", "operator_sessions", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_operator_sessions_operator", "operator_sessions", ["operator"], unique=False
    )
    op.create_table(
        "operators",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("invitation_hash", sa.LargeBinary(), nullable=True),
        sa.Column("invitation_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_entered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_operators")),
    )
    op.create_index("ix_operators_invitation_hash", "operators", ["invitation_hash"], unique=True)
    op.create_table(
        "pending_acts",
        sa.Column("act_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("arguments_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("result_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_pending_acts")),
    )
    op.create_index("ix_pending_acts_asked_by", "pending_acts", ["asked_by", "state"], unique=False)
    op.create_index("ix_pending_acts_expires_at", "pending_acts", ["expires_at"], unique=False)
    op.create_index("ix_pending_acts_state", "pending_acts", ["state", "expires_at"], unique=False)
    op.create_table(
        "security_keys",
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("holder_kind", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("user_handle", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("aaguid", sa.String(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("vouched_by", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_security_keys")),
    )
    op.create_index(
        "ix_security_keys_holder", "security_keys", ["holder_kind", "holder"], unique=False
    )
    op.create_index(
        "ix_security_keys_suspended",
        "security_keys",
        ["holder"],
        unique=False,
        sqlite_where=sa.text("state = 'suspended'"),
        postgresql_where=sa.text("state = 'suspended'"),
    )
    op.create_index(
        "ix_client_documents_failed",
        "client_documents",
        ["client_id"],
        unique=False,
        sqlite_where=sa.text("error IS NOT NULL"),
        postgresql_where=sa.text("error IS NOT NULL"),
    )
    op.create_index(
        "ix_directory_people_name",
        "directory_people",
        ["generation", "family_name", "national_id"],
        unique=False,
        postgresql_ops={"family_name": "text_pattern_ops"},
    )
    op.add_column(
        "interactions",
        sa.Column("public_workstation", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("interactions", sa.Column("sid", sa.String(), nullable=True))
    op.create_index(
        "ix_journal_events_failures",
        "journal_events",
        ["client_id", "seq"],
        unique=False,
        sqlite_where=sa.text("outcome = 'failure'"),
        postgresql_where=sa.text("outcome = 'failure'"),
    )
    op.create_index("ix_outbox_messages_kind", "outbox_messages", ["kind", "id"], unique=False)
    op.add_column("sessions", sa.Column("credential_id", sa.String(), nullable=True))
    op.add_column(
        "sessions",
        sa.Column("public_workstation", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("sessions", sa.Column("browser", sa.String(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("place", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_sessions_credential_id", "sessions", ["credential_id"], unique=False)
    op.create_index("ix_tickets_national_id", "tickets", ["national_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_tickets_national_id", table_name="tickets")
    op.drop_index("ix_sessions_credential_id", table_name="sessions")
    op.drop_column("sessions", "place")
    op.drop_column("sessions", "browser")
    op.drop_column("sessions", "public_workstation")
    op.drop_column("sessions", "credential_id")
    op.drop_index("ix_outbox_messages_kind", table_name="outbox_messages")
    op.drop_index(
        "ix_journal_events_failures",
        table_name="journal_events",
        sqlite_where=sa.text("outcome = 'failure'"),
        postgresql_where=sa.text("outcome = 'failure'"),
    )
    op.drop_column("interactions", "sid")
    op.drop_column("interactions", "public_workstation")
    op.drop_index(
        "ix_directory_people_name",
        table_name="directory_people",
        postgresql_ops={"family_name": "text_pattern_ops"},
    )
    op.drop_index(
        "ix_client_documents_failed",
        table_name="client_documents",
        sqlite_where=sa.text("error IS NOT NULL"),
        postgresql_where=sa.text("error IS NOT NULL"),
    )
    op.drop_index(
        "ix_security_keys_suspended",
        table_name="security_keys",
        sqlite_where=sa.text("state = 'suspended'"),
        postgresql_where=sa.text("state = 'suspended'"),
    )
    op.drop_index("ix_security_keys_holder", table_name="security_keys")
    op.drop_table("security_keys")
    op.drop_index("ix_pending_acts_state", table_name="pending_acts")
    op.drop_index("ix_pending_acts_expires_at", table_name="pending_acts")
    op.drop_index("ix_pending_acts_asked_by", table_name="pending_acts")
    op.drop_table("pending_acts")
    op.drop_index("ix_operators_invitation_hash", table_name="operators")
    op.drop_table("operators")
    op.drop_index("ix_operator_sessions_operator", table_name="operator_sessions")
    op.drop_index("ix_operator_sessions_expires_at", table_name="operator_sessions")
    op.drop_table("operator_sessions")
    op.drop_index("ix_key_ceremonies_expires_at", table_name="key_ceremonies")
    op.drop_table("key_ceremonies")
