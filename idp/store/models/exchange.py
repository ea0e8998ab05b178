"""Tokens towards APIs: what a second issuer keeps of the sessions of those that it trusts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class ApiSession(Base):
    """What one client got for one token of a trusted issuer (RFC 8693): its tokens belong to it."""

    __tablename__ = "api_sessions"
    __table_args__ = (
        Index("ix_api_sessions_check_at", "check_at"),
        Index("ix_api_sessions_subject_issuer", "subject_issuer", "subject_sid"),
        Index("ix_api_sessions_expires_at", "expires_at"),
    )

    sid: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    subject_issuer: Mapped[str]
    """Name of the trusted issuer, as in the settings."""
    subject_sid: Mapped[str]
    """The session there, which this one may not outlive."""
    subject_token_sealed: Mapped[bytes]
    """What is shown there to ask whether that session still lives."""
    sub: Mapped[str]
    identity: Mapped[dict[str, Any]]
    """Further claims about the person, as they stand in this issuer's tokens."""
    audience: Mapped[list[Any]]
    scope: Mapped[str]
    act: Mapped[dict[str, Any] | None]
    """Who acts for the person (RFC 8693, 4.1)."""
    certificate: Mapped[str | None]
    """The certificate that tokens are bound to, as their `cnf` names it (RFC 8705, 3.1)."""
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    """When the trusted issuer last vouched for the session there."""
    check_at: Mapped[datetime]
    """When it is asked next; while one asks, when that one is given up."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """`issuer`, `silence` (the issuer could not be asked for too long), `client` or `reuse`."""


class TrustedKeys(Base):
    """The published keys of a trusted issuer, as last fetched (decision 40)."""

    __tablename__ = "trusted_keys"

    name: Mapped[str] = mapped_column(primary_key=True)
    """Name of the trusted issuer, as in the settings."""
    jwks: Mapped[dict[str, Any]]
    fetched_at: Mapped[datetime]
