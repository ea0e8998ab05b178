"""Mailboxes of professionals, and the letters between them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relying_services.service.store.types import Instant

_SORTED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text whose order is that of its bytes on both databases, so that an index gives it."""

_UNREAD = text("read_at IS NULL")


class Base(DeclarativeBase):
    """Metadata of the messaging's own tables."""


class MailboxRow(Base):
    """The mailbox of one professional."""

    __tablename__ = "mailbox"
    __table_args__ = (Index("mailbox_name", "sorted_name", "owner"),)

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    """The national identifier."""
    address: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    sorted_name: Mapped[str] = mapped_column(_SORTED)
    """Family name first, as `folded.py` writes it: what the directory is searched by."""
    opened_at: Mapped[datetime] = mapped_column(Instant)


class LetterRow(Base):
    """One letter: its sender and its recipient may read it, and nobody else."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("letter_recipient", "recipient", "id"),
        Index("letter_sender", "sender", "id"),
        Index("letter_unread", "recipient", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sender: Mapped[str] = mapped_column(Text, ForeignKey("mailbox.owner"))
    recipient: Mapped[str] = mapped_column(Text, ForeignKey("mailbox.owner"))
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    activity: Mapped[str] = mapped_column(Text)
    """The structure for which the sender wrote (CP-08), or nothing."""
    sent_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
