"""Tables of the access by password: credentials, codes sent by letter, tries, known browsers."""

from datetime import datetime

from sqlalchemy import Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from relying_services.mon_compte.store.base import Base
from relying_services.service.store.types import Instant


class CredentialRow(Base):
    """The login and password of one person."""

    __tablename__ = "credential"
    __table_args__ = (Index("credential_login", "login", unique=True),)

    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    """A national identifier, or `account:<id>` of an accountant."""
    login: Mapped[str] = mapped_column(Text)
    """The `N° d'assurance maladie`; the e-mail address of an accountant."""
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text)
    """Where each sign-in is told to."""
    password: Mapped[str] = mapped_column(Text)
    """Hashed slowly, with its method, cost and salt."""
    changed_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime] = mapped_column(Instant)
    """The last sign-in of this person, by whatever means."""


class EarlierPasswordRow(Base):
    """A password that a person has used: it is never taken again."""

    __tablename__ = "earlier_password"
    __table_args__ = (Index("earlier_password_actor", "actor"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    actor: Mapped[str] = mapped_column(Text)
    password: Mapped[str] = mapped_column(Text)


class LetterRow(Base):
    """The code that a person was sent last; it is deleted by its use."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("letter_login", "login", unique=True),
        Index("letter_ends", "ends_at"),
    )

    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    login: Mapped[str] = mapped_column(Text)
    """With which the code can be used."""
    name: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    """SHA-256 of the code, which is random enough for a quick hash."""
    ends_at: Mapped[datetime] = mapped_column(Instant)


class TryRow(Base):
    """How many tries were taken from one budget in its window."""

    __tablename__ = "password_try"
    __table_args__ = (Index("password_try_since", "since"),)

    budget: Mapped[str] = mapped_column(Text, primary_key=True)
    """A digest: what is typed as a login may be a password."""
    tries: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Instant)


class KnownBrowserRow(Base):
    """A browser in which a person has signed in by password: its tries are counted apart."""

    __tablename__ = "known_browser"
    __table_args__ = (
        Index("known_browser_actor", "actor"),
        Index("known_browser_at", "at"),
    )

    handle: Mapped[str] = mapped_column(Text, primary_key=True)
    """SHA-256 of the random text in its cookie."""
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
