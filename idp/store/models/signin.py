"""The browser's sign-in: interactions under way and sessions opened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class Interaction(Base):
    """An authorization request that waits for a person."""

    __tablename__ = "interactions"
    __table_args__ = (Index("ix_interactions_expires_at", "expires_at"),)

    interaction_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the handle in the page's address."""
    browser_hash: Mapped[bytes | None]
    """SHA-256 of the browser's cookie; bound on first sight."""
    client_id: Mapped[str]
    request: Mapped[dict[str, Any]]
    """The validated authorization request's parameters."""
    challenge_id: Mapped[str | None]
    public_workstation: Mapped[bool] = mapped_column(default=False)
    """The browser is to keep nothing of it; never taken back (idp/signin/workstation.py)."""
    sid: Mapped[str | None]
    """The session opened in it, where the browser was given no cookie to find it by."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class BrowserSession(Base):
    """A person's single sign-on session."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_national_id", "national_id"),
        Index("ix_sessions_device_id", "device_id"),
        Index("ix_sessions_card_number", "card_number"),
        Index("ix_sessions_credential_id", "credential_id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    sid: Mapped[str] = mapped_column(primary_key=True)
    """Public uuid: `sid` and `session_state` of tokens."""
    cookie_hash: Mapped[bytes] = mapped_column(unique=True)
    national_id: Mapped[str]
    account_id: Mapped[str]
    auth_time: Mapped[datetime]
    means: Mapped[dict[str, Any]]
    """When each means was last used: `{"MOBILE": epoch seconds}` (decision 7)."""
    device_id: Mapped[str | None]
    card_number: Mapped[str | None]
    """The card last used in it: its opposition ends the session (decision 32)."""
    card_family: Mapped[str | None]
    """Of that card: a service may not take every family (decision 30)."""
    credential_id: Mapped[str | None]
    """The security key last used in it: its removal ends the session."""
    public_workstation: Mapped[bool] = mapped_column(default=False)
    """The browser was given no session of its own: nothing of it stays there."""
    browser: Mapped[str] = mapped_column(default="")
    """Family and system of what asked, as `Chrome/Linux`; empty where no browser did."""
    place: Mapped[str] = mapped_column(default="")
    """From the operator's table of networks, in their words; empty where none is known."""
    last_activity_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SessionClient(Base):
    """A service entered in a session: asked once (decision 13), told at logout."""

    __tablename__ = "session_clients"

    sid: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(primary_key=True)
    confirmed_at: Mapped[datetime]
    selected_activity: Mapped[str | None]
    """Id of the activity chosen for this service (CP-08, decision 15)."""


class ReplayId(Base):
    """An identifier that may be used once until it lapses (assertion `jti`, request id)."""

    __tablename__ = "replay_ids"
    __table_args__ = (Index("ix_replay_ids_expires_at", "expires_at"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]


class ThrottleWindow(Base):
    """How often something happened in a window of time."""

    __tablename__ = "throttle_windows"
    __table_args__ = (Index("ix_throttle_windows_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime]
