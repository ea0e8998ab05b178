"""Cards, their certificates, and cards accepted for a sign-in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import Card, CardCertificate
from idp.store.statements import insert_row


def add_card(db: Session, card: Card) -> None:
    """Keep a new card, complete: what is set on it later is not written."""
    insert_row(db, card)


def find_card(db: Session, card_number: str) -> Card | None:
    """A card as the database has it now."""
    return db.get(Card, card_number, populate_existing=True)


def cards_of_person(db: Session, national_id: str) -> list[Card]:
    """Every card of a person, newest order first."""
    return list(
        db.scalars(
            select(Card)
            .where(Card.national_id == national_id)
            .order_by(Card.ordered_at.desc(), Card.card_number)
            .execution_options(populate_existing=True)
        )
    )


def move_card(
    db: Session, card_number: str, *, sources: Collection[str], now: datetime, **values: Any
) -> Card | None:
    """Change a card that stands in one of the states; None when it does not, or not any more."""
    return db.scalars(
        update(Card)
        .where(Card.card_number == card_number, Card.state.in_(sorted(sources)))
        .values(state_at=now, **values)
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()


def add_certificate(db: Session, certificate: CardCertificate) -> None:
    """Keep a certificate that was issued."""
    insert_row(db, certificate)


def find_certificate(db: Session, serial: str) -> tuple[CardCertificate, Card] | None:
    """A certificate by its serial, with its card."""
    row = db.execute(
        select(CardCertificate, Card)
        .join(Card, Card.card_number == CardCertificate.card_number)
        .where(CardCertificate.serial == serial)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def certificates_of_card(db: Session, card_number: str) -> list[CardCertificate]:
    """Both certificates of a card, revoked or not."""
    return list(
        db.scalars(
            select(CardCertificate)
            .where(CardCertificate.card_number == card_number)
            .order_by(CardCertificate.use)
            .execution_options(populate_existing=True)
        )
    )


def revoke_certificates(db: Session, card_number: str, *, reason: str, now: datetime) -> int:
    """Revoke what is not yet; gives the number. ``reason`` is a name of RFC 5280, 5.3.1."""
    revoked = db.scalars(
        update(CardCertificate)
        .where(CardCertificate.card_number == card_number, CardCertificate.revoked_at.is_(None))
        .values(revoked_at=now, revocation_reason=reason)
        .returning(CardCertificate.serial)
        .execution_options(synchronize_session=False)
    )
    return len(list(revoked))
