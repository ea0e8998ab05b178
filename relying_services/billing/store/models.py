"""Tables of the workstation: replacement sessions, invoices, batches, mailboxes.

What a replacement memorises stands in the rows of `replacement`, `replacement_act` and
`mailbox_access` and nowhere else: these are what a purge deletes (SV-12).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relying_services.service.store.types import Instant


class Base(DeclarativeBase):
    """Metadata of the workstation's own tables."""


class ReplacementRow(Base):
    """One replacement session (SV-03, SV-04)."""

    __tablename__ = "replacement"
    __table_args__ = (
        Index("replacement_replaced", "replaced", "state"),
        Index("replacement_substitute", "substitute", "state"),
        Index("replacement_state", "state"),
        Index("replacement_held_by", "held_by"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    replaced: Mapped[str] = mapped_column(Text)
    """National identifier of the doctor replaced."""
    replaced_name: Mapped[str] = mapped_column(Text)
    substitute: Mapped[str] = mapped_column(Text)
    """National identifier of the substitute."""
    substitute_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """`one_off` or `repeated`."""
    state: Mapped[str] = mapped_column(Text)
    """As `states.State`."""
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    """Days in Paris, both included; none where no date was set."""
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(Text)
    """What was memorised, as the replaced doctor's card signed it."""
    signed: Mapped[dict[str, Any]] = mapped_column(JSON)
    situation: Mapped[str | None] = mapped_column(Text)
    """Which of the situations memorised was activated."""
    held_by: Mapped[str | None] = mapped_column(Text)
    """The sign-in that activated it: no other one bills."""
    invoices: Mapped[int] = mapped_column(Integer)
    """How many were issued in it since it was prepared."""


class ReplacementActRow(Base):
    """One act, as a card signed it (SV-13)."""

    __tablename__ = "replacement_act"
    __table_args__ = (Index("replacement_act_of", "replacement_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    replacement_id: Mapped[str] = mapped_column(ForeignKey("replacement.id", ondelete="CASCADE"))
    act: Mapped[str] = mapped_column(Text)
    """As `states.Act`; or `mailbox`, where the replaced doctor says that it was opened (SV-05)."""
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(Text)
    card_number: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    signed: Mapped[dict[str, Any]] = mapped_column(JSON)


class MailboxAccessRow(Base):
    """A substitute may use the replaced doctor's mailbox, or will once it is opened (SV-05)."""

    __tablename__ = "mailbox_access"
    __table_args__ = (Index("mailbox_access_member", "member", "owner"),)

    replacement_id: Mapped[str] = mapped_column(
        ForeignKey("replacement.id", ondelete="CASCADE"), primary_key=True
    )
    owner: Mapped[str] = mapped_column(Text)
    member: Mapped[str] = mapped_column(Text)
    granted_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when; none while the provider of the mailbox has not opened it."""
    asked_of: Mapped[str | None] = mapped_column(Text)
    """Mail address of that provider; none where the replaced doctor granted it here."""
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    message_id: Mapped[int | None] = mapped_column(Integer)
    """The mail that asked: it names the substitute, and goes when the access ends."""


class CounterRow(Base):
    """The last number given of invoices (`FSE`) or batches (`LOT`)."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class BatchRow(Base):
    """One batch of invoices, signed (SV-10)."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("batch_billed_for", "billed_for", "number"),
        Index("batch_unsent", "billed_for", "sent_at"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(Instant)
    billed_for: Mapped[str] = mapped_column(Text)
    signer: Mapped[str] = mapped_column(Text)
    invoices: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(BigInteger)
    """In cents."""
    text: Mapped[str] = mapped_column(Text)
    signed: Mapped[dict[str, Any]] = mapped_column(JSON)
    sent_by: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it went through the mailbox of whom is billed for; once."""


class InvoiceRow(Base):
    """One electronic claim, FSE: written once (SV-08)."""

    __tablename__ = "invoice"
    __table_args__ = (
        Index("invoice_billed_for", "billed_for", "batch_number", "number"),
        Index("invoice_newest", "billed_for", "number"),
        Index("invoice_batch", "batch_number", "number"),
    )

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    billed_for: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(BigInteger)
    """In cents."""
    text: Mapped[str] = mapped_column(Text)
    """The document, as the author's card signed it."""
    signed: Mapped[dict[str, Any]] = mapped_column(JSON)
    batch_number: Mapped[int | None] = mapped_column(ForeignKey("batch.number"))


class ReturnRow(Base):
    """What the fund answered to a batch, ARL: one each."""

    __tablename__ = "return_message"
    __table_args__ = (Index("return_message_owner", "owner", "batch_number"),)

    batch_number: Mapped[int] = mapped_column(ForeignKey("batch.number"), primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    """Whose mailbox it is in."""
    at: Mapped[datetime] = mapped_column(Instant)
    is_accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    """Why it was refused; nothing where it was accepted."""
