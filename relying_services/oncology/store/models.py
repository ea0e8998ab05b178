"""Sign-ins that wait for their person; cases, who takes part in them, and their opinions."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from relying_services.service.store.types import Instant


class Base(DeclarativeBase):
    """Metadata of the network's own tables."""


class SignInRow(Base):
    """A sign-in that the software asked for, and that waits."""

    __tablename__ = "software_sign_in"
    __table_args__ = (Index("software_sign_in_ends", "ends_at"),)

    handle: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of the random text in the cookie, hexadecimal."""
    auth_req_id: Mapped[str] = mapped_column(Text)
    """Worth nothing without this client's secret."""
    number: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    interval: Mapped[int]
    """Seconds."""
    look_at: Mapped[datetime] = mapped_column(Instant)
    """Before that the provider is not asked again (CIBA Core 7.3)."""
    ends_at: Mapped[datetime] = mapped_column(Instant)


class CaseRow(Base):
    """One case, discussed by who was invited to it."""

    __tablename__ = "oncology_case"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    presenter: Mapped[str] = mapped_column(Text)
    presenter_name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    presented_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(Text)
    """`open` or `closed`."""
    conclusion: Mapped[str] = mapped_column(Text)
    concluded_at: Mapped[datetime | None] = mapped_column(Instant)


class ParticipantRow(Base):
    """Who may read a case and give an opinion on it; who presents it is one of them."""

    __tablename__ = "oncology_participant"
    __table_args__ = (Index("oncology_participant_person", "person", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("oncology_case.id"), primary_key=True)
    person: Mapped[str] = mapped_column(Text, primary_key=True)
    """The national identifier."""


class OpinionRow(Base):
    """The opinion of one participant, the last that they gave."""

    __tablename__ = "oncology_opinion"

    case_id: Mapped[int] = mapped_column(ForeignKey("oncology_case.id"), primary_key=True)
    author: Mapped[str] = mapped_column(Text, primary_key=True)
    author_name: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(Text)
    """`codeSavoirFaire` of the activity that was chosen (CP-08), or nothing."""
    position: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Instant)
