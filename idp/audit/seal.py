"""Sealing the journal, and purging what is past its retention (decision 39)."""

from idp.audit.chain import GENESIS, chain, sign_head
from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.store.journal import (
    add_segment,
    events_of,
    find_segment,
    last_segment,
    purge_events,
    purgeable_segments,
    put_in_segment,
    unsealed_events,
)
from idp.store.models import JournalSegment

_PURGED_AT_ONCE = 20
"""Segments a transaction: the journal must stay writable meanwhile."""


class SegmentBroken(Exception):
    """A segment was tampered with: it is not purged, so that the traces stay."""

    def __init__(self, number: int) -> None:
        super().__init__(f"segment {number} of the journal is broken: see `audit verify`")


def seal_segment(provider: Provider) -> JournalSegment | None:
    """Seal the oldest unsealed events into one segment; None when there is nothing to seal.

    Events younger than ``journal_seal_delay`` wait: a transaction under way may still commit one
    with a lower sequence number. One that comes later still is sealed with the next segment, since
    events say themselves in which segment they are.
    """
    now = provider.clock.now()
    key = provider.keyring.active("journal")
    settings = provider.settings
    with provider.store.begin() as db:
        # Before the events: a worker that seals them meanwhile takes the number of this segment.
        last = last_segment(db)
        events = unsealed_events(
            db, until=now - settings.journal_seal_delay, limit=settings.journal_segment_size
        )
        if not events:
            return None
        previous = last.digest if last else GENESIS
        segment = JournalSegment(
            number=last.number + 1 if last else 1,
            first_seq=events[0].seq,
            last_seq=events[-1].seq,
            events=len(events),
            digest=chain(events, previous),
            sealed_at=now,
        )
        segment.head = sign_head(segment, previous=previous, purged_at=None, key=key)
        if not add_segment(db, segment):
            return None
        put_in_segment(db, segment.number, [event.seq for event in events])
    return segment


def seal_all(provider: Provider) -> int:
    """Seal everything that is old enough; gives the number of segments made."""
    made = 0
    while seal_segment(provider) is not None:
        made += 1
    return made


def purge_segments(provider: Provider) -> int:
    """Delete the events of segments past ``journal_retention``; gives the number of segments.

    Digest and head stay, signed again with the time of the purge: without the key nobody can pass
    off a deletion as a purge.

    Raises:
        SegmentBroken: one does not hold; neither it nor any after it is purged.
    """
    purged = 0
    while done := _purge_some(provider):
        purged += done
    return purged


def _purge_some(provider: Provider) -> int:
    now = provider.clock.now()
    key = provider.keyring.active("journal")
    with provider.store.begin() as db:
        segments = purgeable_segments(
            db, sealed_before=now - provider.settings.journal_retention, limit=_PURGED_AT_ONCE
        )
        for segment in segments:
            before = find_segment(db, segment.number - 1)
            previous = before.digest if before else GENESIS
            if chain(events_of(db, segment.number), previous) != segment.digest:
                raise SegmentBroken(segment.number)
            head = sign_head(segment, previous=previous, purged_at=now, key=key)
            purge_events(db, segment.number, head=head, now=now)
            record(db, Event.JOURNAL_PURGED, now=now, segment=segment.number)
        return len(segments)
