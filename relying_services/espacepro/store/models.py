"""Tables of EspacePro: delegations, accounts of delegates, licences, the directory."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from relying_services.espacepro.states import State
from relying_services.espacepro.store.base import Base
from relying_services.service.store.types import Instant


class DelegationRow(Base):
    """Some services of one person, given to another, from a day to a day (EP-02, EP-04)."""

    __tablename__ = "delegation"
    __table_args__ = (
        Index("delegation_delegator", "delegator", "created_at"),
        Index("delegation_delegate", "delegate_id", "created_at"),
        Index("delegation_invitation", "invitation", unique=True),
        Index("delegation_made", "created_by", "created_at"),
        Index("delegation_unanswered", "state", "expires_at"),
        Index("delegation_draft", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    """`D-` and random digits: it cannot be guessed, and nothing follows from knowing it."""
    delegator: Mapped[str] = mapped_column(Text)
    """The national identifier of whose services they are."""
    delegator_name: Mapped[str] = mapped_column(Text)
    delegator_email: Mapped[str] = mapped_column(Text)
    """Where the delegator is told; a letter is written where it is not known."""
    email: Mapped[str] = mapped_column(Text)
    """Agreed between both, in small letters: the invitation goes there (EP-09)."""
    delegate_id: Mapped[str | None] = mapped_column(Text)
    """Who is awaited, then who accepted; none while an accountant is not known yet."""
    delegate_name: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    services: Mapped[list[str]] = mapped_column(JSON)
    """Codes; the level of each follows from the status."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    """The last day, included, in Paris (EP-11)."""
    state: Mapped[State] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    """The delegator, or `cpam:` and the agent (EP-13)."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    invitation: Mapped[str | None] = mapped_column(Text)
    """SHA-256 of the secret in the link, hexadecimal; none before it is sent."""
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the invitation lapses."""
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class DelegateAccountRow(Base):
    """The one account of a delegate, whoever delegates (EP-07, EP-08)."""

    __tablename__ = "delegate_account"

    delegate_id: Mapped[str] = mapped_column(Text, primary_key=True)
    """A national identifier, or `account:<id>` of an accountant."""
    email: Mapped[str] = mapped_column(Text, unique=True)
    """In small letters."""
    name: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class LicenceRow(Base):
    """A student's `licence de remplacement`, given by the Order (domain, 6)."""

    __tablename__ = "licence"
    __table_args__ = (Index("licence_holder", "national_id", "ends_on"),)

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    national_id: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(Text)
    """`codeSavoirFaire` of the specialty in which the student may substitute."""
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    """The last day, included."""


class DirectoryImportRow(Base):
    """One import of the directory; the newest that was finished is in force (decision 36)."""

    __tablename__ = "directory_import"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    in_force_at: Mapped[datetime | None] = mapped_column(Instant)
    rows: Mapped[int]


class DirectoryRow(Base):
    """One professional in one profession, as one import of the open extract told it."""

    __tablename__ = "directory"

    import_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    national_id: Mapped[str] = mapped_column(Text, primary_key=True)
    profession: Mapped[str] = mapped_column(Text, primary_key=True)
    """`codeProfession`."""
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    """`codeCategorieProfessionnelle`: C, M, or E for a student."""
    specialty: Mapped[str] = mapped_column(Text, primary_key=True)
    """`codeSavoirFaire`, or nothing."""
    family_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
