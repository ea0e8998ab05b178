"""Operators of the console, and what two of them must agree on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class Operator(Base):
    """Somebody who runs the provider; nothing to do with the professionals of the directory."""

    __tablename__ = "operators"
    __table_args__ = (Index("ix_operators_invitation_hash", "invitation_hash", unique=True),)

    name: Mapped[str] = mapped_column(primary_key=True)
    roles: Mapped[list[Any]]
    """Of `reader`, `support`, `registrar`, `administrator`."""
    state: Mapped[str]
    """`invited`, `active`, `disabled`."""
    invitation_hash: Mapped[bytes | None]
    """SHA-256 of the secret that opens the account once."""
    invitation_expires_at: Mapped[datetime | None]
    password_hash: Mapped[str | None]
    """Slow KDF; none for who only has a security key."""
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The last time step whose code was accepted: a code holds once (RFC 6238, 5.2)."""
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_entered_at: Mapped[datetime | None]


class OperatorSession(Base):
    """An operator at work on the console."""

    __tablename__ = "operator_sessions"
    __table_args__ = (
        Index("ix_operator_sessions_operator", "operator"),
        Index("ix_operator_sessions_expires_at", "expires_at"),
    )

    cookie_hash: Mapped[bytes] = mapped_column(primary_key=True)
    operator: Mapped[str]
    means: Mapped[str]
    """`key`, `password`, or `development` (the start-up secret of a simulation)."""
    address: Mapped[str]
    confirmed_at: Mapped[datetime]
    """When its operator last proved who they are: acts of weight ask for a recent proof."""
    last_activity_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PendingAct(Base):
    """An act that waits for a second operator."""

    __tablename__ = "pending_acts"
    __table_args__ = (
        Index("ix_pending_acts_state", "state", "expires_at"),
        Index("ix_pending_acts_expires_at", "expires_at"),
        Index("ix_pending_acts_asked_by", "asked_by", "state"),
    )

    act_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """A name in the console's table of acts."""
    subject: Mapped[str]
    """What it is about: a national identifier, a client, a card."""
    arguments_sealed: Mapped[bytes]
    asked_by: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str]
    """`pending`, `done`, `refused`, `withdrawn`, `failed`, `lapsed`."""
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    result_sealed: Mapped[bytes | None]
    """What its carrying out gave, until who asked has seen it: once."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
