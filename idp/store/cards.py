"""Cards, their certificates, and cards accepted for a sign-in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from idp.store.models import Card, CardCertificate, PracticeActivity
from idp.store.pki import raise_list_number
from idp.store.statements import insert_row, insert_rows, upsert, values_of

HOLD = "certificateHold"
"""RFC 5280, 5.3.1: revoked until it is released; that of a card not activated yet (CP-07)."""


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
    """Revoke what is not yet, or on hold alone; gives the number.

    What was on hold counts as revoked since then (ITU-T X.509, of the reason `certificateHold`).
    ``reason`` is a name of RFC 5280, 5.3.1.
    """
    since = func.coalesce(CardCertificate.revoked_at, literal(now, CardCertificate.revoked_at.type))
    revoked = db.scalars(
        update(CardCertificate)
        .where(
            CardCertificate.card_number == card_number,
            CardCertificate.revoked_at.is_(None) | (CardCertificate.revocation_reason == HOLD),
        )
        .values(revoked_at=since, revocation_reason=reason)
        .returning(CardCertificate.serial)
        .execution_options(synchronize_session=False)
    )
    return _renumbered(db, len(revoked.all()))


def release_certificates(db: Session, card_number: str) -> int:
    """Take off the list what is on hold, and nothing that is revoked for good; gives the number."""
    released = db.scalars(
        update(CardCertificate)
        .where(
            CardCertificate.card_number == card_number,
            CardCertificate.revocation_reason == HOLD,
        )
        .values(revoked_at=None, revocation_reason=None)
        .returning(CardCertificate.serial)
        .execution_options(synchronize_session=False)
    )
    return _renumbered(db, len(released.all()))


def practice_of(db: Session, activity_ids: Collection[str]) -> list[PracticeActivity]:
    """What the chain of registration knows of activities that a card carries."""
    return list(
        db.scalars(
            select(PracticeActivity)
            .where(PracticeActivity.activity_id.in_(activity_ids))
            .execution_options(populate_existing=True)
        )
    )


def _renumbered(db: Session, changed: int) -> int:
    if changed:
        raise_list_number(db)
    return changed
