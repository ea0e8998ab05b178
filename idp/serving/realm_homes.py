"""Where issuers made on demand keep their databases: files beside the first, or schemas in it.

Each is whole once it bears its mark, which is drawn anew whenever one is made: by it every process
sees that an issuer was dropped, or dropped and made again.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from idp.serving.realm_template import made_simulation
from idp.settings import Settings
from idp.store.database import Store
from idp.store.realms import (
    create_schema,
    drop_schema,
    hold_realms,
    mark_schema,
    schema_mark,
    schema_marks,
)

_DATABASE = "ecps.db"
_MARK = "mark"
_PREFIX = "realm_"


class Home(Protocol):
    """The databases of all issuers that one server makes on demand."""

    def names(self) -> list[str]:
        """Of those that are whole, in order."""

    def mark(self, name: str) -> str | None:
        """The mark of one; nothing where it is not there, or not whole."""

    def url(self, name: str) -> str:
        """The address of its database."""

    def hold(self) -> AbstractContextManager[None]:
        """Nobody else makes or drops one meanwhile, in this process or another."""

    def begin(self, name: str) -> None:
        """Make its database, in place of one that was never finished. The caller holds."""

    def complete(self, name: str) -> None:
        """Give it its mark. The caller holds."""

    def drop(self, name: str) -> None:
        """Remove it with all that is in it, whole or not. The caller holds."""


def home_of(first: Settings) -> Home:
    """Where the issuers made below this one live."""
    store = Store(first.database_url, kept=0)
    if store.is_sqlite:
        store.close()
        return _Files(first, Path(f"{store.url.database}.realms"))
    return _Schemas(store)


class _Files:
    """A folder each, beside the file of the first issuer; begun as copies of one simulation."""

    def __init__(self, first: Settings, folder: Path) -> None:
        self._first = first
        self._folder = folder.resolve()
        self._template = b""
        """Made when the first is begun."""

    def names(self) -> list[str]:
        return sorted(mark.parent.name for mark in self._folder.glob(f"*/{_MARK}"))

    def mark(self, name: str) -> str | None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return (self._folder / name / _MARK).read_text("ascii")
        return None

    def url(self, name: str) -> str:
        return f"sqlite:///{self._folder / name / _DATABASE}"

    @contextmanager
    def hold(self) -> Iterator[None]:
        self._folder.mkdir(exist_ok=True)
        descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def begin(self, name: str) -> None:
        self._template = self._template or made_simulation(self._first)
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        (folder / _DATABASE).write_bytes(self._template)

    def complete(self, name: str) -> None:
        unfinished = self._folder / name / f".{_MARK}"
        unfinished.write_text(_new_mark(), "ascii")
        unfinished.replace(unfinished.with_name(_MARK))

    def drop(self, name: str) -> None:
        folder = self._folder / name
        (folder / _MARK).unlink(missing_ok=True)  # before the rest: who looks must not find half
        shutil.rmtree(folder, ignore_errors=True)


class _Schemas:
    """A schema each, in the database of the first issuer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def names(self) -> list[str]:
        with self._store.read() as db:
            marks = schema_marks(db, _PREFIX)
        return sorted(schema.removeprefix(_PREFIX) for schema, mark in marks.items() if mark)

    def mark(self, name: str) -> str | None:
        with self._store.read() as db:
            return schema_mark(db, _PREFIX + name)

    def url(self, name: str) -> str:
        schema = _PREFIX + name
        there = self._store.url.update_query_dict({"options": f'-csearch_path="{schema}"'})
        return there.render_as_string(hide_password=False)

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._store.begin() as db:
            hold_realms(db)
            yield

    def begin(self, name: str) -> None:
        with self._store.begin() as db:
            drop_schema(db, _PREFIX + name)
            create_schema(db, _PREFIX + name)

    def complete(self, name: str) -> None:
        with self._store.begin() as db:
            mark_schema(db, _PREFIX + name, _new_mark())

    def drop(self, name: str) -> None:
        with self._store.begin() as db:
            drop_schema(db, _PREFIX + name)


def _new_mark() -> str:
    return secrets.token_hex(16)
