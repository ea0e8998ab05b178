"""Tables of what is done at the teleservices: acts, and what patients were reimbursed."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from relying_services.espacepro.acts import ActState
from relying_services.espacepro.store.base import Base
from relying_services.service.store.types import Instant


class ActRow(Base):
    """One act at a teleservice: in whose name, and by whom (CP-15)."""

    __tablename__ = "act"
    __table_args__ = (
        Index("act_owner", "owner", "service", "number"),
        Index("act_delegation", "delegation_id", "author", "service", "number"),
        Index("act_author", "author", "service", "drawn_at"),
        Index("act_unsent", "settled_at", "drawn_at"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    """The order in which acts were drawn up."""
    id: Mapped[str] = mapped_column(Text, unique=True)
    """`A-` and random digits: what pages and the trace name it by."""
    service: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(Text)
    """The national identifier of the person in whose name it is done."""
    owner_name: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    """The national identifier of who drew it up."""
    author_name: Mapped[str] = mapped_column(Text)
    author_means: Mapped[str] = mapped_column(Text)
    author_activity: Mapped[str] = mapped_column(Text)
    """The structure of the activity that the author had chosen, or nothing (CP-08)."""
    delegation_id: Mapped[str | None] = mapped_column(Text)
    """Under which delegation; none where somebody acts for themselves."""
    status: Mapped[str | None] = mapped_column(Text)
    """Of the delegate, at that moment."""
    state: Mapped[ActState] = mapped_column(Text)
    contents: Mapped[dict[str, str]] = mapped_column(JSON)
    """What was typed, by field of the teleservice."""
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the author sent it, or gave it to be validated."""
    decided_by: Mapped[str | None] = mapped_column(Text)
    """The name of who validated what was prepared, or set it aside."""
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class ReimbursementRow(Base):
    """One reimbursement of a patient, as the health insurance knows it."""

    __tablename__ = "reimbursement"
    __table_args__ = (Index("reimbursement_patient", "patient", "born_on", "cared_on"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    patient: Mapped[str] = mapped_column(Text)
    """Family name and given name, without accents or capitals."""
    born_on: Mapped[date] = mapped_column(Date)
    cared_on: Mapped[date] = mapped_column(Date)
    care: Mapped[str] = mapped_column(Text)
    amount: Mapped[int]
    """Cents."""
