"""The sealed journal (decision 39, attack 44), on both databases."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from idp.audit.chain import GENESIS, chain, sign_head
from idp.audit.events import Event
from idp.audit.journal import record
from idp.audit.seal import SegmentBroken, purge_segments, seal_all, seal_segment
from idp.audit.verify import verify_journal
from idp.keys.keyring import SEAL, LoadedKey
from idp.keys.rotation import _new_key, rotate
from idp.keys.sealing import Sealer
from idp.provider import Provider
from idp.store.journal import events_of, find_segment, last_segment, segments_after
from idp.store.models import JournalEvent

DAY = timedelta(days=1)


def write_events(provider: Provider, count: int = 6) -> None:
    with provider.store.begin() as db:
        for n in range(count):
            record(db, Event.SESSION_OPENED, now=provider.clock.now(), person="8", n=n, é="à")


def sealed_journal(provider: Provider, segments: int = 3) -> None:
    for day in range(1, segments + 1):
        write_events(provider)
        provider.clock.synchronise(day * DAY)
        assert seal_all(provider) == 1


def kept_head(provider: Provider) -> str:
    with provider.store.read() as db:
        segment = last_segment(db)
    assert segment is not None
    return segment.head


def tamper(provider: Provider, *statements: str) -> None:
    with provider.store.begin() as db:
        for statement in statements:
            db.execute(text(statement))


LAST = "(SELECT max(seq) FROM journal_events WHERE segment = 2)"
HEAD_OF_ANOTHER = (
    "UPDATE journal_segments SET head = (SELECT head FROM journal_segments WHERE number = 1)"
    " WHERE number = 2"
)
FIRST = "(SELECT min(seq) FROM journal_events WHERE segment = 2)"


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        pytest.param(
            [f"UPDATE journal_events SET person = '9' WHERE seq = {LAST}"],
            "segment 2: events were changed",
            id="edit",
        ),
        pytest.param(
            [f"UPDATE journal_events SET at = at + 1 WHERE seq = {FIRST}"],
            "segment 2: events were changed",
            id="edit-time",
        ),
        pytest.param(
            [f"DELETE FROM journal_events WHERE seq = {FIRST}"],
            "segment 2: 5 events instead of 6",
            id="deletion",
        ),
        pytest.param(
            [f"UPDATE journal_events SET segment = NULL WHERE seq = {FIRST}"],
            "segment 2: 5 events instead of 6",
            id="taken-out",
        ),
        pytest.param(
            [
                f"UPDATE journal_events SET seq = -1 WHERE seq = {FIRST}",
                f"UPDATE journal_events SET seq = {FIRST} + 5000 WHERE seq = -1",
            ],
            "segment 2: events were changed or reordered",
            id="reordering",
        ),
        pytest.param(
            [
                "UPDATE journal_events SET segment = 9 WHERE segment = 2",
                "UPDATE journal_events SET segment = 2 WHERE segment = 3",
                "UPDATE journal_events SET segment = 3 WHERE segment = 9",
            ],
            "segment 2: events were changed or reordered",
            id="segments-exchanged",
        ),
        pytest.param(
            [
                "DELETE FROM journal_events WHERE segment = 2",
                "DELETE FROM journal_segments WHERE number = 2",
            ],
            "segments 2 to 2 are missing",
            id="segment-deleted",
        ),
        pytest.param(
            [
                "DELETE FROM journal_events WHERE segment = 2",
                "UPDATE journal_segments SET purged_at = sealed_at WHERE number = 2",
            ],
            "segment 2: the head signs something else",
            id="deletion-as-purge",
        ),
        pytest.param(
            ["UPDATE journal_segments SET digest = '00' WHERE number = 2"],
            "segment 2: the head signs something else",
            id="digest",
        ),
        pytest.param(
            [HEAD_OF_ANOTHER],
            "segment 2: the head signs something else",
            id="head-of-another",
        ),
        pytest.param(
            ["UPDATE journal_segments SET head = 'x.y.z' WHERE number = 2"],
            "segment 2: head:",
            id="head-broken",
        ),
        pytest.param(
            ["DELETE FROM journal_segments WHERE number = 3"],
            "events name segment 3, which is not there",
            id="segment-row-deleted",
        ),
    ],
)
def test_tampering_is_told(both: Provider, statements: list[str], said: str) -> None:
    """Attack 44."""
    sealed_journal(both)
    tamper(both, *statements)
    found = verify_journal(both)
    assert not found.holds
    assert any(problem.startswith(said) for problem in found.problems), found.problems


def test_a_cut_tail_is_told_by_a_head_kept_elsewhere(both: Provider) -> None:
    """Attack 44: nothing inside the database can tell it."""
    sealed_journal(both)
    head = kept_head(both)
    tamper(
        both,
        "DELETE FROM journal_events WHERE segment = 3",
        "DELETE FROM journal_segments WHERE number = 3",
    )
    assert verify_journal(both).holds
    assert verify_journal(both, head=head).problems == ["the tail was cut: segment 3 is not there"]


def test_a_tail_cut_and_sealed_anew_is_told_by_a_head_kept_elsewhere(both: Provider) -> None:
    sealed_journal(both)
    head = kept_head(both)
    tamper(
        both,
        "DELETE FROM journal_segments WHERE number = 3",
        "UPDATE journal_events SET segment = NULL, person = 'x' WHERE segment = 3",
    )
    seal_all(both)
    assert verify_journal(both).holds
    assert verify_journal(both, head=head).problems == [
        "segment 3 is not the one the kept head signs"
    ]


@pytest.mark.parametrize("head", ["", "nonsense", "a.b.c", "é"])
def test_a_kept_head_that_is_none_is_refused(both: Provider, head: str) -> None:
    sealed_journal(both, 1)
    assert not verify_journal(both, head=head).holds


def test_a_head_of_another_database_is_refused(both: Provider) -> None:
    sealed_journal(both, 1)
    head = kept_head(both)
    tamper(both, "DELETE FROM signing_keys WHERE purpose = 'journal'")
    assert "no journal key" in verify_journal(both, head=head).problems[-1]


def test_an_exchanged_key_is_told(both: Provider) -> None:
    sealed_journal(both, 1)
    with both.store.begin() as db:
        db.execute(
            text(
                "UPDATE signing_keys SET public_jwk = (SELECT public_jwk FROM signing_keys"
                " WHERE purpose = 'phone') WHERE purpose = 'journal'"
            )
        )
    assert "the journal key was exchanged" in verify_journal(both).problems[0]


def test_a_whole_journal_holds_whatever_came_since(both: Provider) -> None:
    sealed_journal(both)
    head = kept_head(both)
    write_events(both, 4)
    found = verify_journal(both, head=head)
    assert found.holds, found.problems
    assert (found.segments, found.unsealed) == (3, 4)


def test_young_events_wait(both: Provider) -> None:
    """A transaction under way may still commit a lower sequence number."""
    seal_all(both)
    both.clock.synchronise(DAY)
    seal_all(both)
    write_events(both)
    assert seal_segment(both) is None
    both.clock.synchronise(DAY + both.settings.journal_seal_delay + timedelta(seconds=1))
    assert seal_segment(both) is not None


def test_an_event_that_comes_late_is_sealed_next_and_nothing_is_amiss(both: Provider) -> None:
    """Sequence numbers are given before the commit: one below the last sealed may appear."""
    write_events(both, 3)
    tamper(both, "UPDATE journal_events SET seq = seq + 1000 WHERE event LIKE 'signin%'")
    both.clock.synchronise(DAY)
    seal_all(both)
    with both.store.begin() as db:
        late = JournalEvent(
            seq=900, at=both.clock.now() - DAY, event=Event.SESSION_ENDED, outcome="success"
        )
        late.data = {}
        db.add(late)
    assert seal_all(both) == 1
    assert verify_journal(both).holds


def test_long_journals_are_cut_into_segments(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = both.settings.model_copy(update={"journal_segment_size": 4})
    monkeypatch.setattr(both, "settings", small)
    write_events(both, 10)
    both.clock.synchronise(DAY)
    assert seal_all(both) >= 3
    assert verify_journal(both).holds


def test_heads_signed_before_a_rotation_of_the_key_still_hold(both: Provider) -> None:
    sealed_journal(both, 1)
    with both.store.begin() as db:
        current = both.keyring.active("journal")
        rotate(db, both.sealer, both.settings, both.clock.now(), current=current)
    both.keyring.forget()
    write_events(both)
    both.clock.synchronise(30 * DAY)
    seal_all(both)
    assert verify_journal(both).holds


def test_purging_keeps_the_heads_and_the_proof(both: Provider) -> None:
    sealed_journal(both)
    head = kept_head(both)
    both.clock.synchronise(both.settings.journal_retention + 2 * DAY + timedelta(hours=1))
    assert purge_segments(both) == 2
    found = verify_journal(both, head=head)
    assert found.holds, found.problems
    assert found.events == 6
    with both.store.read() as db:
        segment = find_segment(db, 1)
        events = db.scalar(
            select(func.count()).select_from(JournalEvent).where(JournalEvent.segment == 1)
        )
    assert segment is not None
    assert segment.purged_at is not None
    assert events == 0


def test_a_broken_segment_is_not_purged(both: Provider) -> None:
    sealed_journal(both)
    tamper(both, f"DELETE FROM journal_events WHERE seq = {FIRST}")
    both.clock.synchronise(both.settings.journal_retention + 9 * DAY)
    with pytest.raises(SegmentBroken):
        purge_segments(both)


def test_nothing_is_purged_before_its_time(both: Provider) -> None:
    sealed_journal(both)
    assert purge_segments(both) == 0


def simultaneously(*actions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=action) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_simultaneous_sealers_never_seal_twice(both: Provider) -> None:
    write_events(both, 50)
    both.clock.synchronise(DAY)
    simultaneously(*[lambda: seal_segment(both)] * 4)
    seal_all(both)
    found = verify_journal(both)
    assert found.holds, found.problems
    assert found.unsealed == 0


def test_every_recorded_event_is_of_the_grammar(both: Provider) -> None:
    def of_grammar(db: Session) -> set[str]:
        return set(db.scalars(select(JournalEvent.event))) - {e.value for e in Event}

    sealed_journal(both, 1)
    with both.store.read() as db:
        assert of_grammar(db) == set()
    for event in Event:
        source, subject, action = event.value.split(":")
        assert all(part.replace("-", "").isalpha() for part in (source, subject, action))


def test_a_journal_key_brought_by_somebody_else_proves_nothing(both: Provider) -> None:
    """Attack 44: who writes into the database cannot re-sign a journal without the master key."""
    sealed_journal(both)
    tamper(both, f"UPDATE journal_events SET person = '9' WHERE seq = {LAST}")
    intruder = Sealer(bytes(32 - 1) + b"\1")
    now = both.clock.now()
    with both.store.begin() as db:
        brought = _new_key("journal", intruder, now=now, activates_at=now, endorsement=None)
        jwk = json.loads(intruder.open(brought.private_sealed, purpose=SEAL))
        db.add(brought)
        key = LoadedKey(brought, lambda _row: ECKey.import_key(jwk))
        previous = GENESIS
        for segment in segments_after(db, 0, limit=10):
            segment.digest = chain(events_of(db, segment.number), previous)
            segment.head = sign_head(segment, previous=previous, purged_at=None, key=key)
            previous = segment.digest
    found = verify_journal(both)
    assert not found.holds
    assert "segment 1: head: no journal key of this provider has that key id" in found.problems
