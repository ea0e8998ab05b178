"""Importing an extract of the national directory (decision 36, domain 4).

Batches are written under a new generation number; one row then puts it in force. Contacts, civil
identity, phones, cards and local corrections live in tables of their own and are not touched; a
private extract only declares contacts where a person has none yet. The open extract publishes RPPS
and ADELI identifiers alone: it says nothing of employees, who stay as they were.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.batches import Batch
from idp.directory.extract import Extract, open_extract
from idp.directory.local_entries import hold_local_entries
from idp.directory.rows import OPEN, PRIVATE, RowRefused
from idp.provider import Provider
from idp.store.directory_import import (
    abandon_generation,
    abandon_silent,
    complete_generation,
    declare_absent_contacts,
    delete_people,
    exercices_written,
    finish_deletion,
    keep_unpublished,
    last_complete,
    next_outdated,
    progress_generation,
    refresh_statistics,
    start_generation,
    take_back,
    write_aliases,
    write_people,
    write_refused,
)
from idp.store.people import switch_generation
from idp.store.registration import lock_directory

_DELETED_AT_ONCE = 10_000


class FileTruncated(Exception):
    """The file has far fewer rows than the last one of its kind, or none at all."""


@dataclass
class Imported:
    """What an import did."""

    generation: int
    source: str
    rows: int = 0
    people: int = 0
    refused: int = 0


@dataclass
class Listener:
    """Who wants to hear of an import while it runs."""

    progressed: Callable[[Imported, int], None] = lambda _imported, _bytes: None
    """Figures until now, and the bytes read since the last call."""
    refused: Callable[[int, str], None] = lambda _line, _reason: None
    """The number of a refused line, and the reason."""


def import_directory(
    provider: Provider, path: Path, *, force: bool = False, listener: Listener | None = None
) -> Imported:
    """Import the open extract or PSC's private extract, recognised by its header.

    ``force`` takes a file that is much smaller than the last one.

    Raises:
        HeaderUnknown: the file is neither.
        ImportUnderWay: another import is writing.
        FileTruncated: too few rows; nothing is changed.
        ImportSuperseded: this process stood still for so long that another took over.
    """
    with open_extract(path) as extract:
        number = _start(provider, extract.layout.source)
        try:
            imported = _load(provider, extract, number, listener or Listener())
            _guard(provider, imported, force=force)
            _put_in_force(provider, imported)
        finally:
            with provider.store.begin() as db:
                abandon_generation(db, number, now=provider.clock.now())
    if imported.source == PRIVATE:
        _declare_contacts(provider, number)
    delete_outdated(provider)
    return imported


def delete_outdated(provider: Provider) -> None:
    """Delete, in batches, the people of generations that were replaced or abandoned."""
    while True:
        with provider.store.begin() as db:
            number = next_outdated(db)
            if number is None:
                return
            if delete_people(db, number, limit=_DELETED_AT_ONCE) == 0:
                finish_deletion(db, number)


def _start(provider: Provider, source: str) -> int:
    now = provider.clock.now()
    with provider.store.begin() as db:
        abandon_silent(db, silent_since=now - provider.settings.import_silence, now=now)
        return start_generation(db, source=source, now=now)


def _load(provider: Provider, extract: Extract, number: int, listener: Listener) -> Imported:
    imported = Imported(number, extract.layout.source)
    told = 0
    looked_at = provider.settings.import_batch
    batch = Batch()
    for line, row in extract.rows():
        if isinstance(row, RowRefused):
            imported.refused += 1
            listener.refused(line, str(row))
            if imported.refused <= provider.settings.import_refused_kept:
                batch.refused.append((line, str(row)))
        else:
            imported.rows += 1
            batch.add(row)
        if len(batch.people) >= provider.settings.import_batch:
            _write(provider, imported, batch)
            listener.progressed(imported, extract.consumed - told)
            told = extract.consumed
            batch = Batch()
            if imported.people >= 2 * looked_at:
                looked_at = imported.people
                with provider.store.begin() as db:
                    refresh_statistics(db)
    _write(provider, imported, batch)
    listener.progressed(imported, extract.consumed - told)
    return imported


def _write(provider: Provider, imported: Imported, batch: Batch) -> None:
    number = imported.generation
    with provider.store.begin() as db:
        earlier = exercices_written(db, number, list(batch.people))
        if earlier:
            take_back(db, number, list(earlier))
            batch.fold_into(earlier)
        write_people(db, number, list(batch.people.values()))
        write_aliases(db, number, batch.aliases())
        write_refused(db, number, batch.refused)
        imported.people += len(batch.people) - len(earlier)
        progress_generation(
            db,
            number,
            rows=imported.rows,
            refused=imported.refused,
            now=provider.clock.now(),
        )


def _guard(provider: Provider, imported: Imported, *, force: bool) -> None:
    with provider.store.read() as db:
        last = last_complete(db, imported.source)
    least = 1
    if last is not None and not force:
        least = max(1, int(last.rows * (1 - provider.settings.import_shrink_guard)))
    if imported.rows >= least:
        return
    now = provider.clock.now()
    with provider.store.begin() as db:
        abandon_generation(db, imported.generation, now=now)
        record(
            db,
            Event.DIRECTORY_REFUSED,
            now=now,
            success=False,
            generation=imported.generation,
            rows=imported.rows,
            expected=least,
        )
    delete_outdated(provider)
    raise FileTruncated(f"{imported.rows} usable rows, at least {least} expected")


def _put_in_force(provider: Provider, imported: Imported) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        in_force = lock_directory(db)
        if imported.source == OPEN and in_force is not None:
            keep_unpublished(db, in_force, imported.generation)
        hold_local_entries(db, imported.generation, limit=provider.settings.import_batch)
        complete_generation(
            db, imported.generation, rows=imported.rows, refused=imported.refused, now=now
        )
        switch_generation(db, imported.generation)
        record(
            db,
            Event.DIRECTORY_IMPORTED,
            now=now,
            generation=imported.generation,
            source=imported.source,
            rows=imported.rows,
            refused=imported.refused,
        )


def _declare_contacts(provider: Provider, number: int) -> None:
    after: str | None = ""
    while after is not None:
        with provider.store.begin() as db:
            after = declare_absent_contacts(
                db,
                number,
                after=after,
                limit=provider.settings.import_batch,
                now=provider.clock.now(),
            )
