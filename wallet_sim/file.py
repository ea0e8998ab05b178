"""The phone's one file: what it may hold, and how it is kept.

What a thief of this file must not find is not in it: no PIN, no PIN key, public or private, no
signature, no registration, no answer (decision 21). The device key lies in
clear, which is what makes this a simulator.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wallet_sim.clock import monotonic, pause
from wallet_sim.documents import Configuration
from wallet_sim.errors import FileRefused, NotEnrolled, PhoneInUse

_LOOK_AGAIN = 0.02  # seconds between two tries to take the lock


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", validate_assignment=True)


class Credential(_Kept):
    """What is needed, besides the PIN, to derive a PIN key."""

    credential_id: str
    salt: str
    log2_n: int
    r: int
    p: int
    policy_version: int


class Enrolment(_Kept):
    """An activation under way."""

    ticket_id: str
    national_id: str
    expires_at: int
    document: str | None = None


class Identity(_Kept):
    """The e-CPS that the phone holds."""

    device_id: str
    national_id: str
    display_name: str
    expires_at: int


class InFlight(_Kept):
    """An answer that was sent and not yet answered (decision 21): this and nothing more."""

    request_id: str
    counter: int


class Posture(_Kept):
    """What the phone declares of itself in every request (EC-28)."""

    rooted: bool = False
    official_store: bool = True
    sim: str = Field(default_factory=lambda: secrets.token_hex(8))
    """Names the SIM card, without its number."""


class State(_Kept):
    """All that the file holds."""

    version: Literal[1] = 1
    base_url: str
    device_key: dict[str, Any]
    configuration: Configuration
    pinned: dict[str, dict[str, Any]]
    enrolment: Enrolment | None = None
    identity: Identity | None = None
    credential: Credential | None = None
    next_credential: Credential | None = None
    counter: int = 0
    roll: str = ""
    in_flight: InFlight | None = None
    posture: Posture = Field(default_factory=Posture)


class HeldFile:
    """The phone's file while its lock is held."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._state = self._read()

    @property
    def state(self) -> State:
        """What the file holds.

        Raises:
            NotEnrolled: the phone is empty.
        """
        if self._state is None:
            raise NotEnrolled("this phone holds no e-CPS: enrol it first")
        return self._state

    @property
    def is_empty(self) -> bool:
        """Whether the phone holds nothing yet."""
        return self._state is None

    def begin(self, state: State) -> None:
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
        """Delete all that the phone holds."""
        self._path.unlink(missing_ok=True)
        _sync_folder(self._path.parent)
        self._state = None

    def _read(self) -> State | None:
        try:
            mode = self._path.stat().st_mode
            text = self._path.read_bytes()
        except FileNotFoundError:
            return None
        if mode & 0o077:
            raise FileRefused(f"{self._path} can be read by others: run `chmod 600` on it")
        try:
            return State.model_validate_json(text)
        except ValidationError as error:
            fields = [".".join(map(str, each["loc"])) for each in error.errors()]
            # The error's own text would show the file's content, device key included.
            raise FileRefused(f"{self._path} is not a phone's file: {fields}") from None


class PhoneFile:
    """The file under a phone's home, used by one holder at a time."""

    def __init__(self, home: Path, *, patience: float = 10.0) -> None:
        self._home = home
        self._patience = patience
        self.path = home / "phone.json"

    @contextmanager
    def hold(self) -> Iterator[HeldFile]:
        """Hold the file for one whole exchange, network answer included.

        Raises:
            PhoneInUse: another process kept it for longer than `patience` seconds.
            FileRefused: it is no phone's file, or others can read it.
        """
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._home / "phone.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            self._take(lock)
            yield HeldFile(self.path)
        finally:
            os.close(lock)

    def _take(self, lock: int) -> None:
        deadline = monotonic() + self._patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if monotonic() >= deadline:
                    raise PhoneInUse(f"another process uses the phone in {self._home}") from None
                pause(_LOOK_AGAIN)
            else:
                return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
