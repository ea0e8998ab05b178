"""Proving that the journal is whole (attack 44): edit, deletion, reordering, cut tail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from idp.audit.chain import GENESIS, HeadInvalid, chain, head_content, read_head
from idp.keys.keyring import is_own
from idp.provider import Provider
from idp.store.journal import (
    count_unsealed,
    events_of,
    find_segment,
    segments_after,
    stray_segments,
)
from idp.store.keys import all_keys
from idp.store.models import JournalSegment, SigningKey

_AT_ONCE = 100


@dataclass
class Verification:
    """What was looked at, and what is wrong with it."""

    segments: int = 0
    events: int = 0
    unsealed: int = 0
    """Events that no segment protects yet."""
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify_journal(provider: Provider, *, head: str | None = None) -> Verification:
    """Check every segment and, against a head kept elsewhere, that no tail was cut."""
    found = Verification()
    with provider.store.read() as db:
        keys = _own_keys(provider, db)
        _check_run(db, found, first=1, last=None, keys=keys)
        found.problems += [
            f"events name segment {number}, which is not there" for number in stray_segments(db)
        ]
        if head is not None:
            _check_kept_head(db, found, head, keys=keys)
        found.unsealed = count_unsealed(db)
    return found


def verify_run(
    provider: Provider, *, first: int, last: int, head: str | None = None
) -> Verification:
    """Check some segments, which follow the one before the first as its digest stands now.

    Against a head kept elsewhere, as :func:`verify_journal`; events that no segment holds are not
    looked at.
    """
    found = Verification()
    with provider.store.read() as db:
        keys = _own_keys(provider, db)
        _check_run(db, found, first=first, last=last, keys=keys)
        if head is not None:
            _check_kept_head(db, found, head, keys=keys)
    return found


def _own_keys(provider: Provider, db: Session) -> list[SigningKey]:
    journal = [key for key in all_keys(db) if key.purpose == "journal"]
    return [key for key in journal if is_own(provider.sealer, key)]


def _check_run(
    db: Session, found: Verification, *, first: int, last: int | None, keys: Sequence[SigningKey]
) -> None:
    before = find_segment(db, first - 1)
    expected, previous = first, before.digest if before else GENESIS
    while segments := segments_after(db, expected - 1, limit=_AT_ONCE):
        for segment in segments:
            if last is not None and segment.number > last:
                return
            if segment.number != expected:
                missing = segment.number - 1
                found.problems.append(f"segments {expected} to {missing} are missing")
            _check_segment(db, found, segment, previous=previous, keys=keys)
            expected, previous = segment.number + 1, segment.digest


def _check_segment(
    db: Session,
    found: Verification,
    segment: JournalSegment,
    *,
    previous: str,
    keys: Sequence[SigningKey],
) -> None:
    name = f"segment {segment.number}"
    events = events_of(db, segment.number)
    found.segments += 1
    found.events += len(events)
    try:
        signed = read_head(segment.head, keys)
    except HeadInvalid as error:
        found.problems.append(f"{name}: head: {error}")
        return
    if signed != head_content(segment, previous=previous, purged_at=segment.purged_at):
        found.problems.append(f"{name}: the head signs something else")
    if segment.purged_at is not None:
        if events:
            found.problems.append(f"{name}: {len(events)} events in a purged segment")
        return
    if len(events) != segment.events:
        found.problems.append(f"{name}: {len(events)} events instead of {segment.events}")
    elif chain(events, previous) != segment.digest:
        found.problems.append(f"{name}: events were changed or reordered")


def _check_kept_head(
    db: Session, found: Verification, head: str, *, keys: Sequence[SigningKey]
) -> None:
    try:
        kept = read_head(head, keys)
    except HeadInvalid as error:
        found.problems.append(f"the kept head: {error}")
        return
    segment = find_segment(db, kept["number"])
    if segment is None:
        found.problems.append(f"the tail was cut: segment {kept['number']} is not there")
    elif segment.digest != kept["digest"]:
        found.problems.append(f"segment {kept['number']} is not the one the kept head signs")
