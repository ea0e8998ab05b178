"""When the world changes: what people hold here follows what the directory says of them.

It stands beside the layers, as the recurring jobs do: it knows phones, cards and sessions. Even
before it has come to somebody, nothing lets them in who may no longer sign in (EC-01): every use
of a token, a phone or a card asks the directory by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.opposition import OppositionReason, oppose
from idp.cards.register import TransitionRefused
from idp.cards.states import FINAL
from idp.devices.lifecycle import revoke_device
from idp.devices.notices import tell_contacts
from idp.directory.contacts import PersonUnknown
from idp.directory.people import find_person
from idp.provider import Provider
from idp.registration.following import follow_activities
from idp.security_keys.lifecycle import remove_all
from idp.security_keys.parties import PERSON, Holder
from idp.sessions import end_sessions_of_person
from idp.store.holders import (
    has_directory,
    holders_after,
    identifiers_of,
    open_cards,
    phones_in_hand,
    standing_of,
    strike_off,
    withdraw_strike_off,
)
from idp.store.people import StoredPerson
from idp.store.registration import lock_directory


class Closing(StrEnum):
    """Why somebody may no longer sign in: also why their cards are opposed (domain 5)."""

    RADIATION = OppositionReason.RADIATION
    DECES = OppositionReason.DECES
    CESSATION = OppositionReason.CESSATION


@dataclass(frozen=True)
class Ended:
    """How much was ended."""

    phones: int = 0
    cards: int = 0
    sessions: int = 0
    keys: int = 0
    """Security keys."""


@dataclass
class Followed:
    """What following the directory changed."""

    people_closed: int = 0
    activities_changed: int = 0


def close_person(
    provider: Provider, db: Session, national_id: str, reason: str, *, actor: str | None = None
) -> Ended:
    """Strike somebody off here, at once, whatever the directory says, now and later (EC-01).

    Phones are revoked, cards opposed, sessions ended, under every identifier of theirs.

    Raises:
        PersonUnknown: nobody of this identifier.
        ValueError: there is no such reason.
    """
    why = Closing(reason)
    person = find_person(db, national_id)
    if person is None:
        raise PersonUnknown(national_id)
    strike_off(db, person.national_id, now=provider.clock.now())
    identifiers = identifiers_of(db, person.national_id)
    return _end_all(provider, db, identifiers, why, phone_reason="struck-off", actor=actor)


def reopen_person(
    provider: Provider, db: Session, national_id: str, *, actor: str | None = None
) -> bool:
    """Take back a strike-off; False where there was none.

    It revives nothing: the person activates another e-CPS, and asks for another card.

    Raises:
        PersonUnknown: nobody of this identifier.
    """
    person = find_person(db, national_id)
    if person is None:
        raise PersonUnknown(national_id)
    now = provider.clock.now()
    identifiers = identifiers_of(db, person.national_id)
    if not withdraw_strike_off(db, identifiers, now=now):
        return False
    record(db, Event.PERSON_REOPENED, now=now, person=person.national_id, actor=actor)
    return True


def follow_directory(provider: Provider) -> Followed:
    """Compare what people hold with the directory in force.

    Who is struck off, closed or gone from it loses phones, cards and sessions. The cards of the
    others get the activities that it now gives them (CP-12). In batches, a transaction each: it
    may be broken off, run again, and run in several processes at once.
    """
    followed, after = Followed(), ""
    limit = provider.settings.follow_batch
    while True:
        with provider.store.begin() as db:
            holders = _next_holders(provider, db, after, limit)
            _follow(provider, db, holders, followed)
        if len(holders) < limit:
            return followed
        after = holders[-1]


def _next_holders(provider: Provider, db: Session, after: str, limit: int) -> list[str]:
    if not has_directory(db):
        return []
    now = provider.clock.now()
    return holders_after(db, after=after, limit=limit, ended_states=sorted(FINAL), now=now)


def _follow(provider: Provider, db: Session, holders: Sequence[str], followed: Followed) -> None:
    if not holders:
        return
    lock_directory(db)
    standing = standing_of(db, holders)
    staying = {}
    for holder in holders:
        person = standing.get(holder)
        if person is None:
            _end_all(provider, db, [holder], Closing.CESSATION, phone_reason="gone")
            followed.people_closed += 1
        elif person.closed:
            _end_all(provider, db, [holder], Closing.RADIATION, phone_reason="struck-off")
            followed.people_closed += 1
        else:
            staying[holder] = person
    followed.activities_changed += _follow_activities(provider, db, staying)


def _follow_activities(provider: Provider, db: Session, staying: dict[str, StoredPerson]) -> int:
    cards = open_cards(db, list(staying), ended_states=sorted(FINAL))
    by_holder = {
        holder: [card for card in cards if card.national_id == holder]
        for holder in {card.national_id for card in cards}
    }
    return sum(
        follow_activities(provider, db, theirs, staying[holder].row.exercices)
        for holder, theirs in sorted(by_holder.items())
    )


def _end_all(
    provider: Provider,
    db: Session,
    identifiers: Sequence[str],
    why: Closing,
    *,
    phone_reason: str,
    actor: str | None = None,
) -> Ended:
    now, person = provider.clock.now(), identifiers[0]
    cards = open_cards(db, identifiers, ended_states=sorted(FINAL))
    opposed = [_oppose(provider, db, card.card_number, why, actor) for card in cards]
    phones = phones_in_hand(db, identifiers)
    revoked = [revoke_device(provider, db, phone, phone_reason) for phone in phones]
    keys = remove_all(provider, db, Holder(PERSON, person), reason=phone_reason, actor=actor)
    sessions = end_sessions_of_person(provider, db, identifiers, reason=why, actor=actor)
    ended = Ended(sum(revoked), sum(opposed), sessions, keys)
    record(
        db,
        Event.PERSON_CLOSED,
        now=now,
        person=person,
        actor=actor,
        reason=why,
        phones=ended.phones,
        cards=ended.cards,
        sessions=ended.sessions,
        keys=ended.keys,
    )
    if ended.phones:
        tell_contacts(provider, db, person, "closed")
    return ended


def _oppose(
    provider: Provider, db: Session, card_number: str, why: Closing, actor: str | None
) -> bool:
    try:
        oppose(provider, db, card_number, reason=why, actor=actor)
    except TransitionRefused:
        return False  # it ended at this very moment
    return True
