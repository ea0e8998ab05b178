"""Tables of the five tabs: the account, what it was paid, its activity, orders and questions.

Everything belongs to one `owner`, a national identifier; each list is read along an index that
begins with it, so that a page costs the same however many accounts there are (MA-09).
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from relying_services.mon_compte.store.base import Base
from relying_services.service.store.types import Instant

__all__ = ["Base"]

_SORTED = Text().with_variant(Text(collation="C"), "postgresql")
"""Text whose order is that of its bytes on both databases, so that an index gives it."""


class AccountRow(Base):
    """Who has an account with the health insurance."""

    __tablename__ = "account"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    """The national identifier."""
    family_name: Mapped[str] = mapped_column(Text)
    given_name: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(Text)
    cpam: Mapped[str] = mapped_column(Text)
    """The local fund that keeps the account."""
    opened_on: Mapped[date] = mapped_column(Date)


class PracticeRow(Base):
    """One place of practice, with its `N° d'assurance maladie` (domain 2, CP-02)."""

    __tablename__ = "practice"
    __table_args__ = (Index("practice_owner", "owner", "number"),)

    number: Mapped[str] = mapped_column(Text, primary_key=True)
    """The billing number: nine digits, the first two those of the département."""
    owner: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    street: Mapped[str] = mapped_column(Text)
    town: Mapped[str] = mapped_column(Text)
    """Postal code and town."""
    sector: Mapped[str] = mapped_column(Text)
    """Of the agreement with the health insurance: 1, 2 or 3."""
    since: Mapped[date] = mapped_column(Date)


class PaymentRow(Base):
    """One transfer to the practitioner."""

    __tablename__ = "payment"
    __table_args__ = (
        Index("payment_owner", "owner", "paid_on", "id"),
        Index("payment_kind", "owner", "kind", "paid_on", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(Text)
    paid_on: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(Text)
    """As `payments.KINDS` names it."""
    period: Mapped[str] = mapped_column(Text)
    """What is paid for: a month `2026-07` or a quarter `2026-T3`."""
    sheets: Mapped[int] = mapped_column(Integer)
    """How many electronic claims it counts."""
    amount: Mapped[int] = mapped_column(BigInteger)
    """In cents."""


class InvoiceRow(Base):
    """One invoice of third-party payment, paid with a transfer (MA-04)."""

    __tablename__ = "invoice"
    __table_args__ = (
        Index("invoice_date", "owner", "paid_on", "id"),
        Index("invoice_patient", "owner", "patient_key", "id"),
        Index("invoice_number", "owner", "number", "id"),
        Index("invoice_batch", "owner", "batch", "id"),
        Index("invoice_payment", "payment_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner: Mapped[str] = mapped_column(Text)
    payment_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("payment.id"))
    paid_on: Mapped[date] = mapped_column(Date)
    cared_on: Mapped[date] = mapped_column(Date)
    patient: Mapped[str] = mapped_column(Text)
    patient_key: Mapped[str] = mapped_column(_SORTED)
    """The name as it is sorted and searched: small letters without accents (`folded.py`)."""
    number: Mapped[str] = mapped_column(_SORTED)
    batch: Mapped[str] = mapped_column(_SORTED)
    amount: Mapped[int] = mapped_column(BigInteger)
    """In cents."""


class ActivityRow(Base):
    """What was billed in a month."""

    __tablename__ = "activity"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """Its first day."""
    patients: Mapped[int] = mapped_column(Integer)
    consultations: Mapped[int] = mapped_column(Integer)
    visits: Mapped[int] = mapped_column(Integer)
    procedures: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(BigInteger)
    """In cents."""


class OrderRow(Base):
    """One order of paper forms (MA-06)."""

    __tablename__ = "form_order"
    __table_args__ = (
        Index("form_order_owner", "owner", "id"),
        Index("form_order_draft", "owner", "ordered_by", "confirmed_at"),
        Index("form_order_unconfirmed", "confirmed_at", "drawn_at"),
        # The trace names orders: the number of one that was dropped is not given to another.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(Text)
    ordered_by: Mapped[str] = mapped_column(Text)
    """Who drew it up: the owner, or a delegate."""
    ordered_by_name: Mapped[str] = mapped_column(Text)
    practice_name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    """Where it is sent, as it was when the order was drawn up."""
    drawn_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it took effect; nothing is sent before."""


class OrderLineRow(Base):
    """How many of one form an order asks for."""

    __tablename__ = "form_order_line"

    order_id: Mapped[int] = mapped_column(
        ForeignKey("form_order.id", ondelete="CASCADE"), primary_key=True
    )
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    """As `forms.FORMS` names it."""
    quantity: Mapped[int] = mapped_column(Integer)


class QuestionRow(Base):
    """One message of the contact form, and its answer."""

    __tablename__ = "question"
    __table_args__ = (
        Index("question_owner", "owner", "id"),
        Index("question_asked", "asked_by", "asked_at"),
        Index("question_unanswered", "answered_at", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    """Who wrote it: the owner, or a delegate."""
    asked_by_name: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """As `contact.SUBJECTS` names it."""
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(Text)
    """Which agent of the fund answered, by name."""
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
