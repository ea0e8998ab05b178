"""The phone's one file: what it may hold, and how it is kept.

What a thief of this file must not find is not in it: no PIN, no PIN key, public or private, no
signature, no registration, no answer (decision 21). The device key lies in
clear, which is what makes this a simulator.
"""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field, field_validator

from wallet_sim.documents import Configuration
from wallet_sim.errors import FileRefused, NotEnrolled, PhoneInUse
from wallet_sim.held import FileKind, Held, Kept, locked

_YEAR_3000 = 32_503_680_000
"""NumericDate: later ones are none that a page can write as a date."""


class Credential(Kept):
    """What is needed, besides the PIN, to derive a PIN key."""

    credential_id: str
    salt: str
    log2_n: int
    r: int
    p: int
    policy_version: int


class SmsPromised(Kept):
    """Where the code of an activation went; the code itself is never kept."""

    hint: str
    """The mobile, masked by the provider."""
    expires_at: int
    resend_at: int


class Enrolment(Kept):
    """An activation under way, by identifier or by card."""

    ticket_id: str
    """Of the ticket or, by card, of the pairing."""
    national_id: str
    """As typed; empty by card, which says whose it is."""
    expires_at: int
    document: str | None = None
    code: str | None = None
    """By card: what this phone shows, to be typed on the portal."""
    sms: SmsPromised | None = None
    """By identifier: once the mail's token was taken."""

    @property
    def address(self) -> str:
        """Where its steps are asked for, below the base path."""
        kind = "enrolments" if self.code is None else "pairings"
        return f"/{kind}/{self.ticket_id}"


class Identity(Kept):
    """The e-CPS that the phone holds."""

    device_id: str
    national_id: str
    display_name: str
    expires_at: int


class InFlight(Kept):
    """An answer that was sent and not yet answered (decision 21): this and nothing more."""

    request_id: str
    counter: int


class Posture(Kept):
    """What the phone declares of itself in every request (EC-28)."""

    rooted: bool = False
    official_store: bool = True
    sim: str = Field(default_factory=lambda: secrets.token_hex(8))
    """Names the SIM card, without its number."""


class Decided(Kept):
    """A request that was answered here: neither PIN nor number, whatever was given."""

    at: int = Field(ge=0, lt=_YEAR_3000)
    """NumericDate, by the phone's clock."""
    service: str
    outcome: Literal["approved", "refused", "not_me", "wrong_number", "lost"]


class State(Kept):
    """All that the file holds."""

    version: Literal[2] = 2
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
    history: list[Decided] = Field(default_factory=list)
    """The last decisions, oldest first (`wallet_sim/history.py`)."""

    @field_validator("version", mode="before")
    @classmethod
    def _step_up(cls, value: Any) -> Any:
        # What version 1 lacks, the SMS of an activation and the history, begins empty.
        return 2 if value == 1 else value


KIND = FileKind(
    name="a phone's file",
    model=State,
    refused=FileRefused,
    missing=NotEnrolled("this phone holds no e-CPS: enrol it first"),
    in_use=PhoneInUse,
)


class HeldState(Protocol):
    """What a phone holds while nobody else may use it: its file, or a row among thousands."""

    @property
    def state(self) -> State:
        """All that the phone holds.

        Raises:
            NotEnrolled: it holds nothing yet.
        """

    @property
    def is_empty(self) -> bool:
        """Whether the phone holds nothing yet."""

    def begin(self, state: State) -> None:
        """Start afresh with this state."""

    def save(self) -> None:
        """Write the state whole or not at all; the end of the process does not undo it then."""

    def erase(self) -> None:
        """Delete all that the phone holds."""


class PhoneMemory(Protocol):
    """Where one phone keeps its state, used by one holder at a time (decision 21)."""

    def hold(self) -> AbstractContextManager[HeldState]:
        """Hold it for one whole exchange, network answer included; what is not saved is undone.

        Raises:
            PhoneInUse: another holder keeps it.
            FileRefused: what it holds is no phone's state.
        """


class HeldFile(Held[State]):
    """The phone's file while its lock is held."""


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
        phone = f"the phone in {self._home}"
        with locked(self._home / "phone.lock", KIND, phone, patience=self._patience):
            yield HeldFile(self.path, KIND)
