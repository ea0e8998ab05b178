"""The chain of registration: what the Order and the CPAM recorded (CP-01, CP-02)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class OrderRegistration(Base):
    """A practitioner on the Order's table: an RPPS number for life (CP-01)."""

    __tablename__ = "order_registrations"

    national_id: Mapped[str] = mapped_column(primary_key=True)
    """`8` and the RPPS number, never given again."""
    profession: Mapped[str]
    """Key of the exercise: code of the profession and of the category, `10C`."""
    entry: Mapped[dict[str, Any]]
    """The directory's row as registered: names, civilité, exercise without activities."""
    birth_date: Mapped[str]
    """dd/mm/yyyy, as the extracts write it; private."""
    registered_at: Mapped[datetime]
    held_by_directory: Mapped[bool] = mapped_column(default=False)
    """An import has held this person: from then on the directory's word decides (decision 36)."""


class PracticeActivity(Base):
    """One activity on its way from the Order to the card (CP-01 to CP-04)."""

    __tablename__ = "practice_activities"
    __table_args__ = (
        Index("ix_practice_activities_national_id", "national_id"),
        Index("ix_practice_activities_card_number", "card_number"),
    )

    activity_id: Mapped[str] = mapped_column(primary_key=True)
    """`idp/directory/activities.py`: the same for the same activity of a person."""
    national_id: Mapped[str]
    profession: Mapped[str]
    state: Mapped[str]
    """`declared` at the Order, `recorded` by the CPAM, `carried` by a card, `ended`."""
    details: Mapped[dict[str, Any]]
    """The claim members of the activity (`idp/directory/exercices.py`)."""
    department: Mapped[str]
    billing_number: Mapped[str | None] = mapped_column(unique=True)
    """N° AM: nine digits, the first ones the département (CP-02); never published. An activity that
    bills nothing of its own has none: salaried, voluntary, or as a substitute (CP-15)."""
    convention: Mapped[str | None]
    """`1`, `2` or `3`, as the CPAM recorded it; none where there is no billing number."""
    tariff_zone: Mapped[str | None]
    """Two digits, as the CPAM recorded it; none where there is no billing number."""
    card_number: Mapped[str | None]
    declared_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    carried_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    held_by_directory: Mapped[bool] = mapped_column(default=False)
    """An import has held this activity: from then on the directory's word decides, also that it
    ended (decision 36)."""
