"""Making a card once, and counting the tries of its codes: one conditional update each."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute, Session

from idp.store.models import Card


def claim_making(
    db: Session, card_number: str, *, card_jwk: dict[str, Any], share_sealed: bytes
) -> Card | None:
    """Take the making of a card; None when there is no such card, or it was made."""
    return db.scalars(
        update(Card)
        .where(Card.card_number == card_number, Card.share_sealed.is_(None))
        .values(card_jwk=card_jwk, share_sealed=share_sealed)
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()


def take_code_try(db: Session, card_number: str, presentation_hash: bytes) -> Card | None:
    """Take a try of the holder's code for a presentation; None when none is left."""
    return _take(db, Card.tries_left, card_number, presentation_hash)


def take_unblock_try(db: Session, card_number: str, presentation_hash: bytes) -> Card | None:
    """Take a try of the unblocking code for a presentation; None when none is left."""
    return _take(db, Card.unblock_tries_left, card_number, presentation_hash)


def restore_tries(
    db: Session, card_number: str, presentation_hash: bytes, **tries: int
) -> Card | None:
    """Fill the counters for the last presentation, once; None when it is not the last."""
    return db.scalars(
        update(Card)
        .where(Card.card_number == card_number, Card.presentation_hash == presentation_hash)
        .values(presentation_hash=None, **tries)
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _take(
    db: Session, left: InstrumentedAttribute[int], card_number: str, presentation_hash: bytes
) -> Card | None:
    return db.scalars(
        update(Card)
        .where(Card.card_number == card_number, left > 0)
        .values({left: left - 1, Card.presentation_hash: presentation_hash})
        .returning(Card)
        .execution_options(populate_existing=True)
    ).one_or_none()
