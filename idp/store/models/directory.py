"""The professionals: what the national directory says, and what we hold beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class DirectoryGeneration(Base):
    """One import of the directory; batches are written under its number, then switched to."""

    __tablename__ = "directory_generations"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str]
    state: Mapped[str]
    """`loading`, `complete` or `abandoned`."""
    rows: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class DirectoryPerson(Base):
    """A professional as one generation of the directory describes them."""

    __tablename__ = "directory_people"

    generation: Mapped[int] = mapped_column(primary_key=True)
    national_id: Mapped[str] = mapped_column(primary_key=True)
    """`8`+RPPS, `0`+ADELI, `3|4|5|6`+structure+`/`+register, or `ANS…` (domain.md 2)."""
    identifier_type: Mapped[str]
    family_name: Mapped[str]
    given_name: Mapped[str]
    civilite: Mapped[str]
    other_ids: Mapped[list[Any]]
    """`[{identifiant, origine, qualite}]`."""
    exercices: Mapped[list[Any]]
    """`SubjectRefPro.exercices`, members and order as PSC's (pro-sante-connect 4.2)."""
    closed: Mapped[bool] = mapped_column(default=False)


class DirectoryAlias(Base):
    """A former identifier (ADELI) that resolves to a person (decision 36)."""

    __tablename__ = "directory_aliases"

    generation: Mapped[int] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(primary_key=True)
    national_id: Mapped[str]


class Account(Base):
    """The stable account of a person, whatever identifier they are known by."""

    __tablename__ = "accounts"

    account_id: Mapped[str] = mapped_column(primary_key=True)
    """A uuid: the `uuid` form of `sub`, and the seed of pairwise ones."""
    national_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Contact(Base):
    """Private correspondence contacts, declared to the Order (EC-02, EC-25)."""

    __tablename__ = "contacts"

    national_id: Mapped[str] = mapped_column(primary_key=True)
    mobile: Mapped[str]
    """E.164, or empty."""
    email: Mapped[str]
    previous_mobile: Mapped[str | None]
    previous_email: Mapped[str | None]
    declared_at: Mapped[datetime]
    held_until: Mapped[datetime | None]
    """Until then the change carries no enrolment (decision 26)."""


class LocalCorrection(Base):
    """What this provider knows better than the directory: strike-off, civil identity."""

    __tablename__ = "local_corrections"

    national_id: Mapped[str] = mapped_column(primary_key=True)
    struck_off: Mapped[bool] = mapped_column(default=False)
    civil_identity: Mapped[dict[str, Any] | None]
    """`{family_name, given_name, civilite, birth_date, sex}` where it differs or is private."""
    changed_at: Mapped[datetime]


class RefusedRow(Base):
    """A row of an import that was refused, with its line and the reason."""

    __tablename__ = "refused_rows"
    __table_args__ = (Index("ix_refused_rows_generation", "generation"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    generation: Mapped[int]
    line: Mapped[int]
    reason: Mapped[str]
