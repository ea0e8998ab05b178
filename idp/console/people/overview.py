"""All that is known of one professional, as operators see it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.directory.activities import PersonalActivity, activities_of
from idp.directory.people import Person, person_of
from idp.provider import Provider
from idp.store.holders import identifiers_of
from idp.store.holdings import (
    cards_of_holders,
    pairings_of_holders,
    phones_of_holders,
    tickets_of_holders,
)
from idp.store.journal import find_events
from idp.store.models import (
    Account,
    BrowserSession,
    Card,
    Contact,
    Device,
    JournalEvent,
    LocalCorrection,
    Pairing,
    PracticeActivity,
    SecurityKey,
    Ticket,
)
from idp.store.people import read_account, read_contact, read_person
from idp.store.registration import practice_of_person
from idp.store.security_keys import keys_of
from idp.store.sessions import sessions_of_person

_LAST_EVENTS = 50
_ENDED = "ended"


@dataclass(frozen=True)
class ShownActivity:
    """An activity, with what the chain of registration knows of it."""

    activity: PersonalActivity
    practice: PracticeActivity | None
    """None of one that the directory alone knows: it follows the extract."""


@dataclass(frozen=True)
class Identity:
    """What the directory and its corrections say."""

    person: Person
    directory_closed: bool
    correction: LocalCorrection | None
    identifiers: list[str]
    """The present one first, then the former ones."""
    activities: list[ShownActivity]
    under_way: list[PracticeActivity]
    """Declared or recorded, and not yet in the directory."""
    contact: Contact | None
    account: Account | None


@dataclass(frozen=True)
class Means:
    """What a professional signs in with, and where they are signed in."""

    phones: list[Device]
    tickets: list[Ticket]
    pairings: list[Pairing]
    cards: list[Card]
    keys: list[SecurityKey]
    sessions: list[BrowserSession]


def identity_of(db: Session, national_id: str) -> Identity | None:
    """The person of an identifier, also of a former one."""
    found = read_person(db, national_id)
    person = person_of(found)
    if found is None or person is None:
        return None
    practice = practice_of_person(db, person.national_id)
    known = {activity.activity_id: activity for activity in practice}
    published = activities_of(person.national_id, person.exercices)
    shown = [ShownActivity(one, known.get(one.activity_id)) for one in published]
    in_directory = {one.activity_id for one in published}
    return Identity(
        person=person,
        directory_closed=found.row.closed,
        correction=found.correction,
        identifiers=identifiers_of(db, person.national_id),
        activities=shown,
        under_way=[
            activity
            for activity in practice
            if activity.state != _ENDED and activity.activity_id not in in_directory
        ],
        contact=read_contact(db, person.national_id),
        account=read_account(db, person.national_id),
    )


def means_of(provider: Provider, db: Session, identity: Identity, now: datetime) -> Means:
    """Phones, cards, keys and sessions, under every identifier."""
    identifiers = identity.identifiers
    return Means(
        phones=phones_of_holders(db, identifiers),
        tickets=tickets_of_holders(db, identifiers, now=now),
        pairings=pairings_of_holders(db, identifiers, now=now),
        cards=cards_of_holders(db, identifiers),
        keys=keys_of(db, "person", identifiers),
        sessions=sessions_of_person(db, identifiers, now=now, idle=provider.settings.session_idle),
    )


def events_of(db: Session, national_id: str, *, before: int) -> list[JournalEvent]:
    """What the journal holds of a person, newest first, below a sequence number."""
    return find_events(db, person=national_id, event=None, before=before, limit=_LAST_EVENTS + 1)


def page_of(events: list[JournalEvent]) -> tuple[list[JournalEvent], int]:
    """Those of one page, and where the next one begins; 0 where there is none."""
    shown = events[:_LAST_EVENTS]
    return shown, shown[-1].seq if len(events) > _LAST_EVENTS else 0
