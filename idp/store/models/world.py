"""What the database as a whole is: its stamp, its clock, its signing keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class World(Base):
    """The single row that says what this database is (decision 1)."""

    __tablename__ = "world"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    kind: Mapped[str]
    """`simulation` or `real`, for good."""
    profile: Mapped[str]
    issuer: Mapped[str]
    clock_offset: Mapped[int] = mapped_column(BigInteger, default=0)
    """Microseconds added to real time; moved in `--dev` only (decision 5)."""
    directory_generation: Mapped[int | None]
    """The generation of the directory in force: imports switch this one row (decision 36)."""
    restorations: Mapped[int | None]
    """How often a simulation came back to a snapshot: what processes remember is then outdated."""
    created_at: Mapped[datetime]


class SigningKey(Base):
    """A key of the provider, to sign or decrypt with, its private half sealed (decision 23)."""

    __tablename__ = "signing_keys"
    __table_args__ = (Index("ix_signing_keys_purpose_state", "purpose", "state"),)

    kid: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    """A name in `idp/keys/purposes.py`."""
    alg: Mapped[str]
    state: Mapped[str]
    """`next` (published, not yet used), `active`, `retired` (published, no longer used)."""
    public_jwk: Mapped[dict[str, Any]]
    private_sealed: Mapped[bytes]
    endorsement: Mapped[str | None]
    """JWS over this key by its predecessor, so that phones follow a rotation."""
    created_at: Mapped[datetime]
    activates_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]
