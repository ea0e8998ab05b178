"""Cards, their certificates, and cards accepted for a sign-in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import Card, CardCertificate, PracticeActivity
from idp.store.pki import raise_list_number
from idp.store.statements import insert_row, insert_rows, upsert, values_of


def add_absent_cards(db: Session, cards: Sequence[Card]) -> None:
    """Keep cards of the sample that are not there yet; one that went on living stays as it is."""
    known = set(
        db.scalars(
            select(Card.card_number).where(Card.card_number.in_([c.card_number for c in cards]))
        )
    )
    insert_rows(db, [card for card in cards if card.card_number not in known])


def order_card_row(db: Session, card: Card) -> bool:
    """Keep a newly ordered card; False where its number, or the card it renews, is taken."""
    added = db.scalar(
        upsert(db, Card)
        .values(**values_of(card))
        .on_conflict_do_nothing()
        .returning(Card.card_number)
    )
    return added is not None


def successor_of(db: Session, card_number: str) -> Card | None:
    """The card that takes over from this one."""
    return db.scalars(
        select(Card).where(Card.renews == card_number).execution_options(populate_existing=True)
    ).one_or_none()


def change_content(
    db: Session,
    card_number: str,
    *,
    activities: list[Any],
    version: int,
    unless: Collection[str],
) -> Card | None:
    """What the chip must hold from now on (CP-12).

    None when the card stands in one of the states of ``unless``, or its content is no longer of
    that version.
    """
    return db.scalars(
        update(Card)
        .where(
            Card.card_number == card_number,
            Card.content_version == version,
            Card.state.not_in(sorted(unless)),
        )
        .values(activities=activities, content_version=version + 1)
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()


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
    count = len(list(revoked))
    if count:
        raise_list_number(db)
    return count


def practice_of(db: Session, activity_ids: Collection[str]) -> list[PracticeActivity]:
    """What the chain of registration knows of activities that a card carries."""
    return list(
        db.scalars(
            select(PracticeActivity)
            .where(PracticeActivity.activity_id.in_(activity_ids))
            .execution_options(populate_existing=True)
        )
    )
