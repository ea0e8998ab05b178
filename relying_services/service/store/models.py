"""Tables that every service has: who is signed in, what was done, what was written to people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relying_services.service.store.types import Instant


class Base(DeclarativeBase):
    """Metadata of the tables that every service has; a service's own have another base."""


class SessionRow(Base):
    """One sign-in of one browser."""

    __tablename__ = "service_session"
    __table_args__ = (
        Index("service_session_sid", "sid"),
        Index("service_session_sub", "sub"),
        Index("service_session_actor", "actor"),
        Index("service_session_ends", "ends_at"),
    )

    handle: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of the random text in the cookie, hexadecimal."""
    actor: Mapped[str] = mapped_column(Text)
    """Who acts: a national identifier, or `account:<id>` of who has a password here alone."""
    sub: Mapped[str | None] = mapped_column(Text)
    """`sub` of the ID token; none for a sign-in by password."""
    sid: Mapped[str | None] = mapped_column(Text)
    """`sid` of the provider's session: what joins this service's journal to the provider's."""
    name: Mapped[str] = mapped_column(Text)
    means: Mapped[str] = mapped_column(Text)
    """CARD, MOBILE, WEBAUTHN as `authMode` tells; or PASSWORD."""
    id_token: Mapped[str | None] = mapped_column(Text)
    userinfo: Mapped[dict[str, Any]] = mapped_column(JSON)
    activity: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The activity under which the person acts (CP-08); none until it is chosen."""
    kept: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What the service itself remembers of this sign-in."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    """When it is cut unless it is used before; never after the absolute limit."""


class TraceRow(Base):
    """One act: who did what, for whom, on what, and how it ended (domain, 7)."""

    __tablename__ = "service_trace"
    __table_args__ = (
        Index("service_trace_actor", "actor", "id"),
        Index("service_trace_on_behalf_of", "on_behalf_of", "id"),
        Index("service_trace_delegation", "delegation_id", "id"),
        Index("service_trace_sid", "sid", "id"),
        Index("service_trace_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(Text)
    means: Mapped[str] = mapped_column(Text)
    activity: Mapped[str] = mapped_column(Text)
    """The structure of the chosen activity, or nothing."""
    on_behalf_of: Mapped[str | None] = mapped_column(Text)
    delegation_id: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    object: Mapped[str] = mapped_column(Text)
    """`kind:identifier` of what was acted on, or nothing."""
    outcome: Mapped[str] = mapped_column(Text)
    """`done` or `refused`."""
    reason: Mapped[str] = mapped_column(Text)
    """Why it was refused, as a code; or nothing."""
    sid: Mapped[str | None] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What else is to be known; never a secret, and no patient's data."""


class MessageRow(Base):
    """A mail or a letter, kept until it is sent, and after."""

    __tablename__ = "service_message"
    __table_args__ = (
        Index("service_message_due", "kind", "sent_at", "due_at"),
        Index("service_message_at", "at"),
        Index("service_message_ends", "ends_at"),
        # Who reads on behind a number misses none: that of a purged one is not given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(Text)
    """`mail` or `letter`."""
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int]
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the code or the link in it is worth nothing any more; none where it holds neither."""


class FormRow(Base):
    """A form that was done: whoever sends it again is led to what it led to."""

    __tablename__ = "service_form"
    __table_args__ = (Index("service_form_used", "used_at"),)

    form: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of who sent it and of all that stands in it, hexadecimal."""
    used_at: Mapped[datetime] = mapped_column(Instant)
    led_to: Mapped[str] = mapped_column(Text)
    """Address of the page that tells what was done."""
