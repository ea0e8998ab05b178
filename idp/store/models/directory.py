"""The professionals: what the national directory says, and what we hold beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class DirectoryGeneration(Base):
    """One import of the directory; batches are written under its number, then switched to."""

    __tablename__ = "directory_generations"
    __table_args__ = (
        # Simultaneous imports refuse each other: one row at most may be loading.
        Index(
            "uq_directory_generations_loading",
            "state",
            unique=True,
            sqlite_where=text("state = 'loading'"),
            postgresql_where=text("state = 'loading'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    source: Mapped[str]
    """`sample`, `open-extract`, `private-extract`; `registration` where no import was before."""
    state: Mapped[str]
    """`loading`, `complete`, `abandoned`; once its people are deleted `replaced`, `removed`."""
    rows: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    progressed_at: Mapped[datetime]
    """When it last wrote a batch: an import that died is taken for abandoned by this."""
    finished_at: Mapped[datetime | None]


class DirectoryPerson(Base):
    """A professional as one generation of the directory describes them."""

    __tablename__ = "directory_people"
    __table_args__ = (
        # By bytes, so that it serves the beginning of a name on either database.
        Index(
            "ix_directory_people_name",
            "generation",
            "family_name",
            "national_id",
            postgresql_ops={"family_name": "text_pattern_ops"},
        ),
    )

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
    """`SubjectRefPro.exercices`, without the empty members (`idp/directory/exercices.py`)."""
    closed: Mapped[bool] = mapped_column(default=False)
    declared_mobile: Mapped[str] = mapped_column(default="")
    declared_email: Mapped[str] = mapped_column(default="")
    """Contacts in a private extract: a first declaration where none is held yet."""


class DirectoryAlias(Base):
    """A former identifier (ADELI) that resolves to a person (decision 36)."""

    __tablename__ = "directory_aliases"
    __table_args__ = (Index("ix_directory_aliases_person", "generation", "national_id"),)

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
