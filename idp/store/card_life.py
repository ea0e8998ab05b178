"""The course of cards' lives: what lives by a card, and which cards are due for what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from idp.store.models import (
    BrowserSession,
    Card,
    CardApproval,
    Device,
    Pairing,
    PracticeActivity,
)
from idp.store.sessions import end_sessions

_UNDER_WAY = ("shown", "scanned", "confirmed")
_MAY_COME_BACK = ("active", "suspended", "blocked")


def drop_approvals(db: Session, card_number: str) -> int:
    """Forget what a card was accepted for and no browser has finished; gives the number."""
    dropped = db.scalars(
        delete(CardApproval)
        .where(CardApproval.card_number == card_number)
        .returning(CardApproval.card_number)
        .execution_options(synchronize_session=False)
    )
    return len(dropped.all())


def end_pairings(db: Session, card_number: str, *, reason: str) -> int:
    """End the pairings under way that a card vouches for; gives the number."""
    ended = db.scalars(
        update(Pairing)
        .where(Pairing.card_number == card_number, Pairing.state.in_(_UNDER_WAY))
        .values(state="dead", end_reason=reason)
        .returning(Pairing.pairing_id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def end_sessions_of_card(db: Session, card_number: str, now: datetime) -> list[BrowserSession]:
    """End the sessions that a card opened, and their grants."""
    return end_sessions(db, BrowserSession.card_number == card_number, now=now)


def phones_paired_since(db: Session, card_number: str, since: datetime) -> list[Device]:
    """The phones in use, or that may come back, which a card vouched for from then on."""
    return list(
        db.scalars(
            select(Device)
            .where(
                Device.paired_card == card_number,
                Device.created_at >= since,
                Device.state.in_(_MAY_COME_BACK),
            )
            .order_by(Device.created_at)
        )
    )


def hand_over_activities(db: Session, card_number: str, successor: str) -> None:
    """Note that the activities of a card are carried by the one ordered after it."""
    db.execute(
        update(PracticeActivity)
        .where(PracticeActivity.card_number == card_number)
        .values(card_number=successor)
        .execution_options(synchronize_session=False)
    )


def cards_to_renew(
    db: Session, *, states: Sequence[str], ends_by: datetime, after: str, limit: int
) -> list[Card]:
    """Cards near their end that nothing renews, by number above ``after``.

    Each is this transaction's alone: another process passes it over.
    """
    successor = aliased(Card)
    renewed = exists().where(successor.renews == Card.card_number)
    due = select(Card).where(
        Card.state.in_(states),
        Card.ends_at <= ends_by,
        Card.card_number > after,
        ~renewed,
    )
    return _taken(db, due.order_by(Card.card_number), limit)


def cards_past_their_end(
    db: Session, *, states: Sequence[str], now: datetime, limit: int
) -> list[Card]:
    """Cards whose validity is over and which no act has ended; this transaction's alone."""
    return _taken(db, _standing(states, Card.ends_at <= now).order_by(Card.ends_at), limit)


def cards_posted_before(
    db: Session, *, states: Sequence[str], before: datetime, limit: int
) -> list[Card]:
    """Cards that are in the post since then; this transaction's alone."""
    return _taken(db, _standing(states, Card.state_at <= before).order_by(Card.state_at), limit)


def _standing(states: Sequence[str], condition: ColumnElement[bool]) -> Select[Card]:
    return select(Card).where(Card.state.in_(states), condition)


def _taken(db: Session, statement: Select[Card], limit: int) -> list[Card]:
    return list(
        db.scalars(
            statement.limit(limit)
            .with_for_update(of=Card, skip_locked=True)
            .execution_options(populate_existing=True)
        )
    )
