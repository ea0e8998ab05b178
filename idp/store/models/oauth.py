"""Clients and what was granted to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class Client(Base):
    """A relying service."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret_hash: Mapped[bytes | None]
    """SHA-256 of a random secret."""
    redirect_uris: Mapped[list[Any]]
    post_logout_redirect_uris: Mapped[list[Any]]
    auth_method: Mapped[str]
    """A name of `token_endpoint_auth_methods_supported`."""
    jwks: Mapped[dict[str, Any] | None]
    scope: Mapped[str]
    profile: Mapped[str]
    """`psc` or `strict`: a name in `idp/oauth/rules/client_profiles.py`."""
    means: Mapped[list[Any]]
    """Means of authentication accepted, among MOBILE, CARD, WEBAUTHN."""
    options: Mapped[dict[str, Any]]
    """Further registered metadata, by its specified name."""
    development: Mapped[bool] = mapped_column(default=False)
    secret_sealed: Mapped[bytes | None]
    """The secret itself, where signatures or encryption are made with it (Core 10)."""
    registration_token_hash: Mapped[bytes | None]
    """SHA-256 of the `registration_access_token`, of a client that registered itself (RFC 7592)."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Grant(Base):
    """What one person let one client have: every code and token belongs to one."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_sid", "sid"),
        Index("ix_grants_expires_at", "expires_at"),
    )

    grant_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    national_id: Mapped[str]
    account_id: Mapped[str]
    sid: Mapped[str]
    scope: Mapped[str]
    nonce: Mapped[str]
    """Empty when the request had none: PSC copies it to the access token either way."""
    claims: Mapped[dict[str, Any]]
    """The `claims` parameter of the request."""
    means: Mapped[str]
    selected_activity: Mapped[str | None]
    """Id of the activity the person chose, for a client that asks (CP-08, decision 15)."""
    resources: Mapped[list[Any] | None]
    """Where its access tokens are for (RFC 8707); none: here."""
    dpop_jkt: Mapped[str | None]
    """Thumbprint of the key that its code, and a public client's refreshing, must prove."""
    certificate_thumbprint: Mapped[str | None]
    """SHA-256 of the certificate that a public client's refreshing must show (RFC 8705, 4)."""
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """A code, spent by one conditional update (measured.md, pitfall 1)."""

    __tablename__ = "authorization_codes"
    __table_args__ = (Index("ix_authorization_codes_expires_at", "expires_at"),)

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    grant_id: Mapped[str]
    client_id: Mapped[str]
    redirect_uri: Mapped[str]
    code_challenge: Mapped[str | None]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class RefreshToken(Base):
    """A refresh token: the stored row decides (decision 9)."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("ix_refresh_tokens_grant_id", "grant_id"),
        Index("ix_refresh_tokens_expires_at", "expires_at"),
    )

    jti: Mapped[str] = mapped_column(primary_key=True)
    grant_id: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]
    successor: Mapped[str | None]
    """`jti` of the token that replaced it, given again to an idempotent retry."""


class PushedRequest(Base):
    """An authorization request that its client pushed (RFC 9126), deleted once answered."""

    __tablename__ = "pushed_requests"
    __table_args__ = (Index("ix_pushed_requests_expires_at", "expires_at"),)

    request_uri_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the `request_uri`."""
    client_id: Mapped[str]
    request: Mapped[dict[str, Any]]
    """The authorization request, as it was found valid."""
    expires_at: Mapped[datetime]


class RevokedToken(Base):
    """An access token revoked by itself, kept until it lapses."""

    __tablename__ = "revoked_tokens"
    __table_args__ = (Index("ix_revoked_tokens_expires_at", "expires_at"),)

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]
