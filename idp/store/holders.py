"""Who holds a phone, card, key or session, and whether the directory still knows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    column,
    literal,
    select,
    union,
    update,
    values,
)
from sqlalchemy.orm import Session

from idp.store.models import (
    BrowserSession,
    Card,
    Device,
    DirectoryAlias,
    LocalCorrection,
    SecurityKey,
    World,
)
from idp.store.people import StoredPerson, resolved, stored_person, with_person
from idp.store.sessions import end_sessions
from idp.store.statements import upsert

_PHONE_IN_HAND = ("active", "suspended", "blocked")


def has_directory(db: Session) -> bool:
    """Whether a directory was ever put in force: without one nobody is missing from it."""
    return db.scalar(select(World.directory_generation).where(World.id == 1)) is not None


def holders_after(
    db: Session, *, after: str, limit: int, ended_states: Sequence[str], now: datetime
) -> list[str]:
    """Identifiers under which a phone, card, key or session stands, in order, above ``after``.

    ``ended_states`` are those of cards that are over. A card that names nobody has no holder whom
    the directory could miss.
    """
    standing = [
        (Device.national_id, (Device.state.in_(_PHONE_IN_HAND),)),
        (Card.national_id, (Card.state.not_in(sorted(ended_states)), Card.is_nominative.is_(True))),
        (
            BrowserSession.national_id,
            (BrowserSession.ended_at.is_(None), BrowserSession.expires_at > now),
        ),
        (
            SecurityKey.holder,
            (SecurityKey.holder_kind == "person", SecurityKey.state != "removed"),
        ),
    ]
    every = union(*(_next_of(held, conditions, after, limit) for held, conditions in standing))
    found = every.subquery()
    return list(db.scalars(select(found.c.national_id).order_by(found.c.national_id).limit(limit)))


def standing_of(db: Session, holders: Sequence[str]) -> dict[str, StoredPerson | None]:
    """What the directory in force says of each identifier; None where it knows nobody."""
    named = values(column("holder", String)).data([(holder,) for holder in holders]).cte("named")
    rows = db.execute(with_person(select(named.c.holder).select_from(named), named.c.holder))
    return {row[0]: stored_person(*tuple(row)[1:]) for row in rows}


def identifiers_of(db: Session, national_id: str) -> list[str]:
    """Every identifier by which the directory in force knows this person, the present one first."""
    own = db.scalar(select(resolved(literal(national_id)))) or national_id
    former = db.scalars(
        select(DirectoryAlias.alias)
        .join(World, World.directory_generation == DirectoryAlias.generation)
        .where(World.id == 1, DirectoryAlias.national_id == own)
        .order_by(DirectoryAlias.alias)
    )
    return [own, *former]


def strike_off(db: Session, national_id: str, *, now: datetime) -> None:
    """Hold that a person may no longer sign in, whatever the directory says."""
    changed = {"struck_off": True, "changed_at": now}
    db.execute(
        upsert(db, LocalCorrection)
        .values(national_id=national_id, **changed)
        .on_conflict_do_update(index_elements=[LocalCorrection.national_id], set_=changed)
    )


def withdraw_strike_off(db: Session, national_ids: Sequence[str], *, now: datetime) -> bool:
    """Leave it to the directory again; False where nobody was struck off here."""
    withdrawn = db.scalars(
        update(LocalCorrection)
        .where(LocalCorrection.national_id.in_(national_ids), LocalCorrection.struck_off.is_(True))
        .values(struck_off=False, changed_at=now)
        .returning(LocalCorrection.national_id)
        .execution_options(synchronize_session=False)
    )
    return bool(withdrawn.all())


def open_cards(db: Session, holders: Sequence[str], *, ended_states: Sequence[str]) -> list[Card]:
    """The cards of these holders that are not over."""
    return list(
        db.scalars(
            select(Card)
            .where(Card.national_id.in_(holders), Card.state.not_in(sorted(ended_states)))
            .order_by(Card.national_id, Card.card_number)
            .execution_options(populate_existing=True)
        )
    )


def phones_in_hand(db: Session, holders: Sequence[str]) -> list[Device]:
    """The phones of these holders that are in use, or may come back."""
    return list(
        db.scalars(
            select(Device)
            .where(Device.national_id.in_(holders), Device.state.in_(_PHONE_IN_HAND))
            .order_by(Device.national_id, Device.device_id)
            .execution_options(populate_existing=True)
        )
    )


def end_sessions_of_holders(
    db: Session, holders: Sequence[str], *, now: datetime
) -> list[BrowserSession]:
    """End every session of these holders, and their grants."""
    return end_sessions(db, BrowserSession.national_id.in_(holders), now=now)


def _next_of(
    identifier: Any, conditions: Sequence[ColumnElement[bool]], after: str, limit: int
) -> Select[str]:
    # A query around each: SQLite takes no order and limit inside a union.
    first = (
        select(identifier.label("national_id"))
        .where(identifier > after, *conditions)
        .distinct()
        .order_by(identifier)
        .limit(limit)
        .subquery()
    )
    return select(first.c.national_id)
