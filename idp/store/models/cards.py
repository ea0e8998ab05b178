"""The physical cards, their certificates, and the simulated authority that signs them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class CardAuthority(Base):
    """A certificate authority of the simulation (decision 30), its private key sealed."""

    __tablename__ = "card_authorities"

    name: Mapped[str] = mapped_column(primary_key=True)
    """`root`; `persons`, which signs the cards; `organisations`, those of relying services."""
    certificate: Mapped[bytes]
    """DER."""
    private_sealed: Mapped[bytes]
    crl_number: Mapped[int] = mapped_column(default=1)
    """Raised with every change of what the list says (RFC 5280, 5.2.3)."""
    created_at: Mapped[datetime]


class Card(Base):
    """A physical card, from its order to its end (`idp/cards/states.py`)."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("ix_cards_national_id", "national_id"),
        Index("ix_cards_state_ends_at", "state", "ends_at"),
        Index("ix_cards_state_state_at", "state", "state_at"),
    )

    card_number: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str]
    """`CPS`, `CPF`, `CPE` or `CPA` (TRE_R87)."""
    version: Mapped[str]
    """`CPS3` or `CPS4` (CP-16)."""
    national_id: Mapped[str]
    is_nominative: Mapped[bool] = mapped_column(default=True)
    """False for a service card that names nobody: it signs nobody in (decision 30)."""
    profession: Mapped[str]
    """Key of the exercise the card hangs on, `10C`; empty for employees."""
    rank: Mapped[int] = mapped_column(default=1)
    """First or further card of one exercise: more than eight activities need a second (CP-09)."""
    state: Mapped[str]
    """One of `idp/cards/states.py`."""
    state_at: Mapped[datetime]
    ordered_at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    """dateDebutValidite; set when the card is made."""
    ends_at: Mapped[datetime | None]
    """dateFinValidite, three years later at most (CP-10)."""
    activated_at: Mapped[datetime | None]
    opposed_at: Mapped[datetime | None]
    opposition_reason: Mapped[str | None]
    """`perte`, `vol`, `dysfonctionnement`, `radiation`, `deces` or `cessation`."""
    lost_since: Mapped[datetime | None]
    """Since when the holder says it is lost: what it paired since is suspended (decision 32)."""
    renews: Mapped[str | None] = mapped_column(unique=True)
    """The card that this one takes over from; unique, so that a renewal is ordered once."""
    activities: Mapped[list[Any]]
    """Ids of the activities it carries, eight at most (CP-09): `idp/directory/activities.py`."""
    content_version: Mapped[int] = mapped_column(default=1)
    """Raised when what the chip must hold changes (CP-12)."""
    tries_left: Mapped[int]
    """Of the holder's code, mirrored here: a copied card file does not reset it (decision 31)."""
    unblock_tries_left: Mapped[int]
    presentation_hash: Mapped[bytes | None]
    """SHA-256 of the presentation that was evaluated last; only it may be told to have held."""
    card_jwk: Mapped[dict[str, Any] | None]
    """Public half of the key that signs the card's own requests; it needs no code."""
    share_sealed: Mapped[bytes | None]
    """What the card's keys cannot be opened without (docs/cards.md 3)."""


class CardCertificate(Base):
    """A certificate of a card: one to authenticate, one to sign."""

    __tablename__ = "card_certificates"
    __table_args__ = (
        Index("ix_card_certificates_card_number", "card_number"),
        Index(
            "ix_card_certificates_revoked",
            "ends_at",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )

    serial: Mapped[str] = mapped_column(primary_key=True)
    """Lower-case hexadecimal, without leading zero."""
    card_number: Mapped[str]
    use: Mapped[str]
    """`authentication` or `signature`."""
    certificate: Mapped[bytes]
    """DER."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str | None]
    """A name of RFC 5280, 5.3.1: `keyCompromise`, `superseded`, `cessationOfOperation`; of a card
    that is not activated yet `certificateHold`, which activation takes back (CP-07)."""


class CardApproval(Base):
    """A card that was accepted for one sign-in, until the browser that began it comes back."""

    __tablename__ = "card_approvals"
    __table_args__ = (
        Index("ix_card_approvals_expires_at", "expires_at"),
        Index("ix_card_approvals_card_number", "card_number"),
    )

    completion_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the secret that finishes the sign-in, as with the phone (decision 25)."""
    interaction_hash: Mapped[bytes]
    card_number: Mapped[str]
    national_id: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
