"""What leaves the provider, and what is remembered of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base

_Sequence = BigInteger().with_variant(Integer, "sqlite")


class OutboxMessage(Base):
    """A mail, SMS, push, letter or call to a client that waits to be sent (decision 40)."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_state_due_at", "state", "due_at"),
        Index("ix_outbox_messages_recipient", "recipient"),
        Index("ix_outbox_messages_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    """`mail`, `sms`, `push` (to a device), `letter` (to a national identifier), `logout` or `ciba`
    (to a client)."""
    recipient: Mapped[str]
    payload_sealed: Mapped[bytes]
    state: Mapped[str]
    """`pending`, `sending`, `sent`, `kept` (no carrier: a simulation), `failed`, `withheld`
    (never to be sent: the row of somebody who gets no message, decision 41)."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """When to try next; while `sending`, when its worker is given up; once done, when that was."""
    expires_at: Mapped[datetime | None]
    """After this the message is of no use any more, and is not sent."""
    created_at: Mapped[datetime]
    error: Mapped[str | None]


class JournalEvent(Base):
    """One security event; sealed later by a job (decision 39)."""

    __tablename__ = "journal_events"
    __table_args__ = (
        Index("ix_journal_events_segment", "segment"),
        Index("ix_journal_events_person", "person", "seq"),
        # What a service did wrong: few of its events, and alone looked for by service.
        Index(
            "ix_journal_events_failures",
            "client_id",
            "seq",
            sqlite_where=text("outcome = 'failure'"),
            postgresql_where=text("outcome = 'failure'"),
        ),
    )

    seq: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    event: Mapped[str]
    """`source:subject:action`, from the grammar in `idp/audit/events.py`."""
    outcome: Mapped[str]
    """`success` or `failure`."""
    person: Mapped[str | None]
    actor: Mapped[str | None]
    client_id: Mapped[str | None]
    device_id: Mapped[str | None]
    sid: Mapped[str | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    segment: Mapped[int | None]


class JournalSegment(Base):
    """A sealed run of journal events, chained to the one before."""

    __tablename__ = "journal_segments"

    number: Mapped[int] = mapped_column(primary_key=True)
    first_seq: Mapped[int] = mapped_column(BigInteger)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int]
    digest: Mapped[str]
    """Hex SHA-256 over the chained events and the previous segment's digest."""
    head: Mapped[str]
    """Signed head: a JWS of `{number, last_seq, events, digest, at}`."""
    sealed_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]
