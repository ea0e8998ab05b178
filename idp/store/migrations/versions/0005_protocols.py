"""Further protocols: CIBA, the device flow, clients that register themselves, APIs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_sessions",
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("subject_issuer", sa.String(), nullable=False),
        sa.Column("subject_sid", sa.String(), nullable=False),
        sa.Column("subject_token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sub", sa.String(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("act", sa.JSON(), nullable=True),
        sa.Column("certificate", sa.String(), nullable=True),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=False),
        sa.Column("check_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_api_sessions")),
    )
    op.create_index("ix_api_sessions_check_at", "api_sessions", ["check_at"], unique=False)
    op.create_index("ix_api_sessions_expires_at", "api_sessions", ["expires_at"], unique=False)
    op.create_index(
        "ix_api_sessions_subject_issuer",
        "api_sessions",
        ["subject_issuer", "subject_sid"],
        unique=False,
    )
    op.create_table(
        "backchannel_requests",
        sa.Column("auth_req_id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("national_id", sa.String(), nullable=False),
        sa.Column("challenge_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("callback_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("auth_req_id_hash", name=op.f("pk_backchannel_requests")),
    )
    op.create_index(
        "ix_backchannel_requests_challenge_id",
        "backchannel_requests",
        ["challenge_id"],
        unique=True,
    )
    op.create_index(
        "ix_backchannel_requests_expires_at", "backchannel_requests", ["expires_at"], unique=False
    )
    op.create_table(
        "client_documents",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("fetched_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "kind", "url", name=op.f("pk_client_documents")),
    )
    op.create_index("ix_client_documents_due_at", "client_documents", ["due_at"], unique=False)
    op.create_table(
        "device_authorizations",
        sa.Column("device_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("grant_id", sa.String(), nullable=True),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("device_code_hash", name=op.f("pk_device_authorizations")),
    )
    op.create_index(
        "ix_device_authorizations_expires_at", "device_authorizations", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_device_authorizations_user_code_hash",
        "device_authorizations",
        ["user_code_hash"],
        unique=True,
    )
    op.create_table(
        "initial_access_tokens",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("imposed", sa.JSON(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_initial_access_tokens")),
    )
    op.create_index(
        "ix_initial_access_tokens_expires_at", "initial_access_tokens", ["expires_at"], unique=False
    )
    op.create_table(
        "trusted_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("jwks", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trusted_keys")),
    )
    op.create_table(
        "user_codes",
        sa.Column("national_id", sa.String(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("national_id", name=op.f("pk_user_codes")),
    )
    op.add_column("challenges", sa.Column("card_number", sa.String(), nullable=True))
    op.add_column("challenges", sa.Column("decided_at", sa.BigInteger(), nullable=True))
    op.add_column("clients", sa.Column("secret_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("clients", sa.Column("registration_token_hash", sa.LargeBinary(), nullable=True))
    op.add_column("grants", sa.Column("resources", sa.JSON(), nullable=True))
    op.add_column("grants", sa.Column("certificate_thumbprint", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("grants", "certificate_thumbprint")
    op.drop_column("grants", "resources")
    op.drop_column("clients", "registration_token_hash")
    op.drop_column("clients", "secret_sealed")
    op.drop_column("challenges", "decided_at")
    op.drop_column("challenges", "card_number")
    op.drop_table("user_codes")
    op.drop_table("trusted_keys")
    op.drop_index("ix_initial_access_tokens_expires_at", table_name="initial_access_tokens")
    op.drop_table("initial_access_tokens")
    op.drop_index("ix_device_authorizations_user_code_hash", table_name="device_authorizations")
    op.drop_index("ix_device_authorizations_expires_at", table_name="device_authorizations")
    op.drop_table("device_authorizations")
    op.drop_index("ix_client_documents_due_at", table_name="client_documents")
    op.drop_table("client_documents")
    op.drop_index("ix_backchannel_requests_expires_at", table_name="backchannel_requests")
    op.drop_index("ix_backchannel_requests_challenge_id", table_name="backchannel_requests")
    op.drop_table("backchannel_requests")
    op.drop_index("ix_api_sessions_subject_issuer", table_name="api_sessions")
    op.drop_index("ix_api_sessions_expires_at", table_name="api_sessions")
    op.drop_index("ix_api_sessions_check_at", table_name="api_sessions")
    op.drop_table("api_sessions")
