"""Calls, and who has them in hand."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relying_services.service.store.types import Instant


class Base(DeclarativeBase):
    """Metadata of the platform's own tables."""


class CallRow(Base):
    """One call to regulate."""

    __tablename__ = "regulation_call"
    __table_args__ = (
        Index("regulation_call_state", "state", "urgency", "received_at"),
        Index("regulation_call_regulator", "regulator", "state", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    urgency: Mapped[str] = mapped_column(Text)
    """`P0` to `P3`."""
    reason: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    """Of the caller; shown to who has the call in hand, and to nobody else."""
    state: Mapped[str] = mapped_column(Text)
    """`waiting`, `taken`, `closed`."""
    regulator: Mapped[str | None] = mapped_column(Text)
    """National identifier of who has it in hand, or closed it."""
    regulator_name: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
