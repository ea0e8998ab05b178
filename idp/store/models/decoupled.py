"""Requests that are answered on another device than the one that asks: CIBA and the device flow."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class BackchannelRequest(Base):
    """A sign-in that a client began without a browser (OpenID Connect CIBA Core 1.0, 7)."""

    __tablename__ = "backchannel_requests"
    __table_args__ = (
        Index("ix_backchannel_requests_challenge_id", "challenge_id", unique=True),
        Index("ix_backchannel_requests_expires_at", "expires_at"),
    )

    auth_req_id_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the `auth_req_id`."""
    client_id: Mapped[str]
    national_id: Mapped[str]
    """Whom the hint names, whether or not anybody holds it."""
    challenge_id: Mapped[str]
    """The question asked of the person's phone or card; its state says what they answered."""
    channel: Mapped[str]
    """`MOBILE` or `CARD`."""
    scope: Mapped[str]
    claims: Mapped[dict[str, Any]]
    """The `claims` parameter of a signed request."""
    resources: Mapped[list[Any]]
    """Where its access tokens are for (RFC 8707); empty: here."""
    delivery: Mapped[str]
    """`poll`, `ping` or `push`, as the client was registered when it asked."""
    callback_sealed: Mapped[bytes | None]
    """`auth_req_id` and `client_notification_token`, for ping and push."""
    interval: Mapped[int]
    """Seconds to leave between two questions; grows with each `slow_down`."""
    polled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    """When its tokens were issued: once."""
    told_at: Mapped[datetime | None]
    """When a ping or a push of its end was queued: once."""


class UserCode(Base):
    """A person's secret for software, without which some may not ask them (CIBA Core 1.0, 7.1)."""

    __tablename__ = "user_codes"

    national_id: Mapped[str] = mapped_column(primary_key=True)
    code_sealed: Mapped[bytes]
    """With the identifier: it opens for no other row."""
    set_at: Mapped[datetime]


class DeviceAuthorization(Base):
    """A device that waits for its person to sign in elsewhere (RFC 8628, 3.2)."""

    __tablename__ = "device_authorizations"
    __table_args__ = (
        Index("ix_device_authorizations_user_code_hash", "user_code_hash", unique=True),
        Index("ix_device_authorizations_expires_at", "expires_at"),
    )

    device_code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the `device_code`."""
    user_code_hash: Mapped[bytes]
    """Keyed hash of the `user_code`, which is short."""
    client_id: Mapped[str]
    scope: Mapped[str]
    resources: Mapped[list[Any]]
    """Where its access tokens are for (RFC 8707); empty: here."""
    state: Mapped[str]
    """`pending`, `approved` or `denied`."""
    grant_id: Mapped[str | None]
    """What the person granted."""
    interval: Mapped[int]
    """Seconds to leave between two questions; grows with each `slow_down`."""
    polled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    """When its tokens were issued: once."""
