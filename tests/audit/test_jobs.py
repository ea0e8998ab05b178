"""The recurring jobs of a provider: expiry, and the journal's sealing and purge."""

from datetime import timedelta

from sqlalchemy import func, select

from idp.audit.events import Event
from idp.audit.journal import record
from idp.audit.verify import verify_journal
from idp.provider import Provider, open_provider
from idp.store.models import Device, JournalEvent, JournalSegment, ThrottleWindow
from idp.store.throttle import count_event
from idp.store.world import move_clock
from idp.worker.jobs import recurring_jobs

DAY = timedelta(days=1)


def run_jobs(provider: Provider) -> None:
    for job in recurring_jobs(provider):
        job.run(provider)


def move(provider: Provider, length: timedelta) -> None:
    """Move the time in the database alone: a job must look at it by itself."""
    with provider.store.begin() as db:
        move_clock(db, length)


def count(provider: Provider, model: type) -> int:
    with provider.store.read() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def a_device(provider: Provider) -> Device:
    now = provider.clock.now()
    return Device(
        device_id="device-1",
        national_id="899700990015",
        name="Téléphone",
        state="active",
        device_jwk={},
        device_thumbprint="thumbprint",
        credential_id="credential",
        pin_key_sealed=b"",
        policy_version=1,
        roll_hash=b"",
        push=None,
        created_at=now,
        expires_at=now + provider.settings.device_lifetime,
    )


def test_nothing_young_is_expired_sealed_or_purged(both: Provider) -> None:
    with both.store.begin() as db:
        db.add(a_device(both))
        count_event(db, "key", window=DAY, now=both.clock.now())
        record(db, Event.SESSION_OPENED, now=both.clock.now())
    run_jobs(both)
    with both.store.read() as db:
        assert db.scalars(select(Device.state)).all() == ["active"]
        youngest = select(JournalEvent).order_by(JournalEvent.seq.desc()).limit(1)
        assert db.scalars(youngest).one().segment is None
    assert count(both, ThrottleWindow) == 1


def test_the_journal_is_sealed_whole_in_one_run(both: Provider) -> None:
    """Decision 39: however many segments wait."""
    both.settings = both.settings.model_copy(update={"journal_segment_size": 4})
    with both.store.begin() as db:
        for number in range(10):
            record(db, Event.SESSION_OPENED, now=both.clock.now(), number=number)
    move(both, timedelta(minutes=1))
    run_jobs(both)
    with both.store.read() as db:
        unsealed = select(JournalEvent).where(JournalEvent.segment.is_(None))
        assert db.scalars(unsealed).all() == []
    assert count(both, JournalSegment) == 3


def test_segments_past_their_retention_are_purged_and_their_heads_stay(both: Provider) -> None:
    """Decision 39."""
    with both.store.begin() as db:
        record(db, Event.SESSION_OPENED, now=both.clock.now(), person="899700990015")
    move(both, timedelta(minutes=1))
    run_jobs(both)
    move(both, both.settings.journal_retention + DAY)
    run_jobs(both)
    with both.store.read() as db:
        assert "899700990015" not in db.scalars(select(JournalEvent.person)).all()
        assert db.scalars(select(JournalSegment.purged_at)).first() is not None
    verify_journal(both)


def test_phones_past_their_life_are_expired_at_the_time_of_the_database(both: Provider) -> None:
    """EC-27. A worker beside the server sees the moved clock as well (decision 5)."""
    with both.store.begin() as db:
        db.add(a_device(both))
    move(both, both.settings.device_lifetime)
    worker = open_provider(both.settings)
    run_jobs(worker)
    with worker.store.read() as db:
        assert db.scalars(select(Device.state)).all() == ["expired"]
    worker.store.close()


def test_a_broken_segment_stops_no_sealing(both: Provider) -> None:
    with both.store.begin() as db:
        record(db, Event.SESSION_OPENED, now=both.clock.now(), person="8")
    move(both, timedelta(minutes=1))
    run_jobs(both)
    with both.store.begin() as db:
        for row in db.scalars(select(JournalEvent)):
            row.person = "9"
        record(db, Event.SESSION_ENDED, now=both.clock.now())
    move(both, both.settings.journal_retention + DAY)
    run_jobs(both)
    with both.store.read() as db:
        assert db.scalars(select(JournalSegment.purged_at)).all() == [None, None]
