"""Phones, cards and enrolments as operators look for them; every list goes along an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from idp.store.models import Card, Device, Pairing, Ticket


@dataclass(frozen=True)
class Place:
    """Where a list goes on: behind this moment, and this one of those of the same moment."""

    at: datetime
    name: str


def cards_in_state(db: Session, state: str, *, after: Place | None, limit: int) -> list[Card]:
    """Cards that stand in a state, the latest arrived there first."""
    query = select(Card).where(Card.state == state)
    if after is not None:
        same = and_(Card.state_at == after.at, Card.card_number < after.name)
        query = query.where(or_(Card.state_at < after.at, same))
    query = query.order_by(Card.state_at.desc(), Card.card_number.desc())
    return list(db.scalars(query.limit(limit)))


def phones_in_state(db: Session, state: str, *, after: Place | None, limit: int) -> list[Device]:
    """Phones that stand in a state, those that live longest first."""
    query = select(Device).where(Device.state == state)
    if after is not None:
        same = and_(Device.expires_at == after.at, Device.device_id < after.name)
        query = query.where(or_(Device.expires_at < after.at, same))
    query = query.order_by(Device.expires_at.desc(), Device.device_id.desc())
    return list(db.scalars(query.limit(limit)))


def find_phone(db: Session, device_id: str) -> Device | None:
    """A phone as the database has it now."""
    return db.get(Device, device_id, populate_existing=True)


def phones_of_holders(db: Session, identifiers: Sequence[str]) -> list[Device]:
    """Every phone on record under these identifiers, newest first."""
    theirs = select(Device).where(Device.national_id.in_(identifiers))
    return list(db.scalars(theirs.order_by(Device.created_at.desc())))


def cards_of_holders(db: Session, identifiers: Sequence[str]) -> list[Card]:
    """Every card under these identifiers, newest order first."""
    theirs = select(Card).where(Card.national_id.in_(identifiers))
    return list(db.scalars(theirs.order_by(Card.ordered_at.desc(), Card.card_number)))


def tickets_of_holders(db: Session, identifiers: Sequence[str], *, now: datetime) -> list[Ticket]:
    """The activations under these identifiers that have not lapsed, newest first."""
    theirs: Select[Ticket] = select(Ticket).where(
        Ticket.national_id.in_(identifiers), Ticket.expires_at > now
    )
    return list(db.scalars(theirs.order_by(Ticket.created_at.desc())))


def pairings_of_holders(db: Session, identifiers: Sequence[str], *, now: datetime) -> list[Pairing]:
    """The pairings by card under these identifiers that have not lapsed, newest first."""
    theirs: Select[Pairing] = select(Pairing).where(
        Pairing.national_id.in_(identifiers), Pairing.expires_at > now
    )
    return list(db.scalars(theirs.order_by(Pairing.created_at.desc())))
