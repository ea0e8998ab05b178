"""The state file of a fleet: thousands of phones in one SQLite file.

Each row holds the real `State` of a phone's own file, with the guarantees that the protocol needs
of it: one holder at a time, written whole or not at all, and on disk for every process before
`save` returns, so that the end of the fleet's process at any instant loses no step (decision 21).
What a file of its own promises besides, to outlive a power cut, it does not: only a checkpoint is
synchronised with the disk.

Beside them stand what the invented people know, their PINs: the file is a simulation's, and as
secret as the test it serves.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wallet_sim.errors import FileRefused, NotEnrolled, PhoneInUse
from wallet_sim.fleet.errors import StateRefused
from wallet_sim.held import FileKind, Kept, locked

_VERSION = 1

_SCHEMA = """
CREATE TABLE fleet (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE phones (
    number INTEGER PRIMARY KEY,
    national_id TEXT NOT NULL UNIQUE,
    pin TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 0,
    is_out INTEGER NOT NULL DEFAULT 0,
    state TEXT
) STRICT;
"""


@dataclass(frozen=True)
class Holder:
    """An invented person and the phone that is theirs."""

    number: int
    """From 0, in the order in which the people were made."""
    national_id: str
    pin: str


class _Lock(Kept):
    """Names the lock of the whole file; it holds nothing."""


_FLEET = FileKind(
    name="a fleet's state file",
    model=_Lock,
    refused=FileRefused,
    missing=NotEnrolled("no fleet"),
    in_use=PhoneInUse,
)


class FleetState:
    """The open state file; one process holds it, and any of its threads may use it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._guard = threading.Lock()

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the fleet."""
        with self._guard, self._connection:
            self._connection.execute(
                "INSERT INTO fleet VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded"
                ".value",
                (name, value),
            )

    def noted(self, name: str) -> str | None:
        """A fact that was kept."""
        with self._guard:
            row = self._connection.execute(
                "SELECT value FROM fleet WHERE name = ?", (name,)
            ).fetchone()
        return None if row is None else str(row[0])

    def forget(self, name: str) -> None:
        """Keep a fact no more."""
        with self._guard, self._connection:
            self._connection.execute("DELETE FROM fleet WHERE name = ?", (name,))

    def add(self, people: list[tuple[str, str]]) -> None:
        """Add people, each with national identifier and PIN; their phones are empty."""
        with self._guard, self._connection:
            self._connection.executemany(
                "INSERT INTO phones (national_id, pin, number) VALUES (?, ?, "
                "(SELECT coalesce(max(number) + 1, 0) FROM phones))",
                people,
            )

    def holders(self, *, fit: bool | None = None) -> list[Holder]:
        """The people, in their order: all, or those whose phone can sign in, or cannot."""
        with self._guard:
            rows = self._connection.execute(
                "SELECT number, national_id, pin FROM phones "
                "WHERE ?1 IS NULL OR (is_active AND NOT is_out) = ?1 ORDER BY number",
                (fit,),
            ).fetchall()
        return [Holder(*row) for row in rows]

    def put_out(self, holder: Holder) -> None:
        """Note that a phone is locked or suspended: no run uses it until it is activated anew."""
        with self._guard, self._connection:
            self._connection.execute(
                "UPDATE phones SET is_out = 1 WHERE number = ?", (holder.number,)
            )

    def read(self, number: int) -> str | None:
        """The state of a phone as it was written; None where it holds nothing."""
        with self._guard:
            row = self._connection.execute(
                "SELECT state FROM phones WHERE number = ?", (number,)
            ).fetchone()
        return None if row is None or row[0] is None else str(row[0])

    def write(self, number: int, text: str | None, *, is_active: bool) -> None:
        """Write the state of a phone whole; None empties it, and whatever put it out is over."""
        with self._guard, self._connection:
            self._connection.execute(
                "UPDATE phones SET state = ?1, is_active = ?2, is_out = is_out AND ?1 NOT NULL "
                "WHERE number = ?3",
                (text, is_active, number),
            )


@contextmanager
def open_state(path: Path) -> Iterator[FleetState]:
    """Hold a state file while the block runs; it is made where it is missing.

    Raises:
        StateRefused: another process holds it, others can read it, or it is something else.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _held(path), _connected(path) as connection:
        yield FleetState(connection)


@contextmanager
def _held(path: Path) -> Iterator[None]:
    lock = path.with_name(f"{path.name}.lock")
    try:
        with locked(lock, _FLEET, f"the fleet in {path}", patience=0):
            yield
    except PhoneInUse as error:
        raise StateRefused(f"{error}: wait for it, or name another --state") from error


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    if path.stat().st_mode & 0o077:
        raise StateRefused(f"{path} can be read by others: run `chmod 600` on it")
    connection = sqlite3.connect(path, check_same_thread=False)
    try:
        _prepare(path, connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise StateRefused(f"{path} cannot be used as a fleet's state file: {error}") from error
    finally:
        connection.close()


def _prepare(path: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and not tables:
        connection.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")
    elif version != _VERSION:
        raise StateRefused(f"{path} is no fleet's state file of this version: name another --state")
    # A write is then seen by every later process, though not by a machine that lost its power.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
