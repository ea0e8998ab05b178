"""Importing the open extract of the directory (domain, 4.1; decision 36)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from relying_services.clock import Clock
from relying_services.espacepro.directory import is_professional
from relying_services.espacepro.errors import ExtractRefused
from relying_services.espacepro.store.directory import (
    add_entries,
    forget_import,
    forget_some,
    put_in_force,
    rows_in_force,
    rows_of_import,
    start_import,
)
from relying_services.service.store.database import Store

COLUMNS: Mapping[str, str] = {
    "Identification nationale PP": "national_id",
    "Code profession": "profession",
    "Code catégorie professionnelle": "category",
    "Code savoir-faire": "specialty",
    "Nom d'exercice": "family_name",
    "Prénom d'exercice": "given_name",
}
"""Columns that are read; they are found by name, and the others are left alone."""

SMALLEST_SHARE = 0.5
"""An import with fewer rows than this share of the one before is taken for a truncated file."""

_AT_ONCE = 2_000
"""Rows of one transaction: nobody waits longer for a lock."""


@dataclass(frozen=True)
class Imported:
    """What an import brought."""

    rows: int
    """People, once for each of their professions and specialties."""
    refused: int
    """Lines that are not of the form of the header, or name nobody."""


def import_extract(store: Store, clock: Clock, path: Path, *, force: bool = False) -> Imported:
    """Import the open extract; the directory changes at the end, all at once.

    Args:
        store: the service's database.
        clock: tells the time.
        path: the file, UTF-8.
        force: take a file that is much smaller than the one before.

    Raises:
        ExtractRefused: it is no extract, or too small, or another import took over.
    """
    with store.begin() as db:
        before = rows_in_force(db)
        number = start_import(db, clock.now())
    try:
        refused = _load(store, number, path)
        rows = _put_in_force(store, clock, number, smallest=0 if force else before * SMALLEST_SHARE)
    except (ExtractRefused, OSError):
        with store.begin() as db:
            forget_import(db, number)
        raise
    _forget_older(store, number)
    return Imported(rows, refused)


def _put_in_force(store: Store, clock: Clock, number: int, *, smallest: float) -> int:
    with store.begin() as db:
        rows = rows_of_import(db, number)
        if not put_in_force(db, number, rows, clock.now()):
            raise ExtractRefused("another import began after this one, and is in force instead")
        if not rows:
            raise ExtractRefused("the file names nobody")
        if rows < smallest:
            raise ExtractRefused(f"only {rows} rows: fewer than half as before; --force takes them")
    return rows


def _load(store: Store, number: int, path: Path) -> int:
    refused = 0
    lines = _lines(path)
    while batch := list(islice(lines, _AT_ONCE)):
        entries = [each | {"import_number": number} for each in batch if each is not None]
        refused += len(batch) - len(entries)
        with store.begin() as db:
            add_entries(db, entries)
    return refused


def _lines(path: Path) -> Iterator[dict[str, str | int] | None]:
    """What each line tells; None for one that is refused."""
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        try:
            header = file.readline().rstrip("\r\n").split("|")
            places = {name: header.index(column) for column, name in COLUMNS.items()}
            for line in file:
                cells = line.rstrip("\r\n").split("|")
                yield _entry(cells, places) if len(cells) == len(header) else None
        except UnicodeDecodeError as error:
            raise ExtractRefused(f"{path} is not written in UTF-8") from error
        except ValueError as error:
            raise ExtractRefused(f"{path} is no open extract: {error}") from error


def _entry(cells: list[str], places: Mapping[str, int]) -> dict[str, str | int] | None:
    entry: dict[str, str | int] = {name: cells[place].strip() for name, place in places.items()}
    is_somebody = is_professional(str(entry["national_id"])) and entry["profession"]
    return entry if is_somebody else None


def _forget_older(store: Store, number: int) -> None:
    more = True
    while more:
        with store.begin() as db:
            more = forget_some(db, older_than=number, limit=_AT_ONCE)
