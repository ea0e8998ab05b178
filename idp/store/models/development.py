"""What a simulation keeps for who tests against it; empty wherever `--dev` is not served."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base

_Sequence = BigInteger().with_variant(Integer, "sqlite")


class DevFault(Base):
    """A fault that the provider was asked to commit."""

    __tablename__ = "dev_faults"
    __table_args__ = (Index("ix_dev_faults_endpoint", "endpoint", "id"),)

    id: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    fault: Mapped[str]
    """Its name in the catalogue (`idp/dev/faults/`)."""
    parameters: Mapped[dict[str, Any]]
    endpoint: Mapped[str]
    """Where: a name of the catalogue's endpoints."""
    client_id: Mapped[str | None]
    """For this client alone; for every one where none is named."""
    times_left: Mapped[int | None]
    """How often it is still committed; until it is removed where none is said."""
    committed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]


class DevExchange(Base):
    """A request of a relying service, or of its browser, as the recorder keeps it."""

    __tablename__ = "dev_exchanges"
    __table_args__ = (
        Index("ix_dev_exchanges_client_id", "client_id", "id"),
        Index("ix_dev_exchanges_at", "at"),
    )

    id: Mapped[int] = mapped_column(_Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    client_id: Mapped[str | None]
    step: Mapped[str]
    """`authorize`, `par`, `token`, `userinfo`, `logout`, … : a name of the recorder's steps."""
    method: Mapped[str]
    request: Mapped[dict[str, Any]]
    """Parameters, headers that matter, how the client proved itself; secrets only as said to be
    there."""
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    """What the client got, as far as a check needs it."""
    sid: Mapped[str | None]


class DevSnapshot(Base):
    """The content of every other table at one moment, to come back to."""

    __tablename__ = "dev_snapshots"

    name: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    created_at: Mapped[datetime]
