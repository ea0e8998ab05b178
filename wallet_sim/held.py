"""A file that one holder at a time uses, and that a kill leaves whole."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from wallet_sim.clock import monotonic, pause
from wallet_sim.errors import PhoneError

_LOOK_AGAIN = 0.02  # seconds between two tries to take the lock


class Kept(BaseModel):
    """Members of such a file: these, and no room for others."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)


S = TypeVar("S", bound=Kept)


@dataclass(frozen=True)
class FileKind(Generic[S]):
    """What a file holds, and how its refusals are called."""

    name: str
    model: type[S]
    refused: type[PhoneError]
    """Others can read it, or it is damaged."""
    missing: PhoneError
    in_use: type[PhoneError]


class Held(Generic[S]):
    """The content of a file while its lock is held."""

    def __init__(self, path: Path, kind: FileKind[S]) -> None:
        self._path = path
        self._kind = kind
        self._state = read(path, kind)

    @property
    def state(self) -> S:
        """What the file holds.

        Raises:
            PhoneError: it holds nothing yet (`FileKind.missing`).
        """
        if self._state is None:
            raise self._kind.missing
        return self._state

    @property
    def is_empty(self) -> bool:
        """Whether the file holds nothing yet."""
        return self._state is None

    def begin(self, state: S) -> None:
        """Start afresh with this state."""
        self._state = state
        self.save()

    def save(self) -> None:
        """Write the state whole or not at all: a kill in between leaves the previous file."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.state.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        _sync_folder(self._path.parent)

    def erase(self) -> None:
        """Delete all that the file holds."""
        self._path.unlink(missing_ok=True)
        _sync_folder(self._path.parent)
        self._state = None


def read(path: Path, kind: FileKind[S]) -> S | None:
    """What a file holds, without its lock: good to look at, not to write back.

    Raises:
        PhoneError: others can read it, or it is damaged (`FileKind.refused`).
    """
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise kind.refused(f"{path} can be read by others: run `chmod 600` on it")
    try:
        return kind.model.model_validate_json(text)
    except ValidationError as error:
        fields = [".".join(map(str, each["loc"])) for each in error.errors()]
        # The error's own text would show the file's content, private keys included.
        raise kind.refused(f"{path} is not {kind.name}: {fields}") from None


@contextmanager
def locked(lock: Path, kind: FileKind[S], what: str, *, patience: float) -> Iterator[None]:
    """Hold a lock file while the block runs; `what` names in words what it protects.

    Raises:
        PhoneError: another holder kept it for longer than `patience` seconds (`FileKind.in_use`).
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _take(descriptor, kind.in_use, what, patience)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, in_use: type[PhoneError], what: str, patience: float) -> None:
    deadline = monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= deadline:
                raise in_use(f"another process uses {what}") from None
            pause(_LOOK_AGAIN)
        else:
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
