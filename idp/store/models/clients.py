"""What stands beside a client: how it may register itself, and what it publishes elsewhere."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class InitialAccessToken(Base):
    """Lets a developer register clients (RFC 7591, 3)."""

    __tablename__ = "initial_access_tokens"
    __table_args__ = (Index("ix_initial_access_tokens_expires_at", "expires_at"),)

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the token."""
    label: Mapped[str]
    """Whom the operator gave it to."""
    imposed: Mapped[dict[str, Any]]
    """Metadata that every client registered with it has, whatever it asks for."""
    uses_left: Mapped[int]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ClientDocument(Base):
    """A document that a client publishes, as it was last fetched (decision 40)."""

    __tablename__ = "client_documents"
    __table_args__ = (
        Index("ix_client_documents_due_at", "due_at"),
        Index(
            "ix_client_documents_failed",
            "client_id",
            sqlite_where=text("error IS NOT NULL"),
            postgresql_where=text("error IS NOT NULL"),
        ),
    )

    client_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    """`jwks`, `sector_identifier`, `logo` or `request`."""
    url: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    """`pending`, `held` or `failed`."""
    content_type: Mapped[str | None]
    body: Mapped[bytes | None]
    error: Mapped[str | None]
    """Why the last attempt failed, in words for the client's developer."""
    fetched_at: Mapped[datetime | None]
    """When it was last asked for, whatever came of it."""
    due_at: Mapped[datetime]
    """When it is fetched, or fetched again."""
