"""When an event reaches the journal (decision 39)."""

import pytest
from sqlalchemy import select

from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store.models import JournalEvent


def test_an_event_of_a_savepoint_that_is_rolled_back_did_not_happen(both: Provider) -> None:
    now = both.clock.now()
    with both.store.begin() as db:
        record(db, Event.SESSION_OPENED, now=now, person="kept")
        savepoint = db.begin_nested()
        record(db, Event.SESSION_OPENED, now=now, person="lost")
        savepoint.rollback()
    assert recorded(both) == ["kept"]


def test_an_event_of_a_transaction_that_is_rolled_back_did_not_happen(both: Provider) -> None:
    def act() -> None:
        with both.store.begin() as db:
            record(db, Event.SESSION_OPENED, now=both.clock.now(), person="lost")
            raise LookupError

    with pytest.raises(LookupError):
        act()
    assert recorded(both) == []


def test_events_keep_their_order(both: Provider) -> None:
    with both.store.begin() as db:
        for person in ("first", "second", "third"):
            record(db, Event.SESSION_OPENED, now=both.clock.now(), person=person)
    assert recorded(both) == ["first", "second", "third"]


def recorded(provider: Provider) -> list[str | None]:
    with provider.store.read() as db:
        people = select(JournalEvent.person).where(JournalEvent.person.is_not(None))
        return list(db.scalars(people.order_by(JournalEvent.seq)))
