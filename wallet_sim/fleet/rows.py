"""A phone of a fleet as `wallet_sim.phone.Phone` sees it: its memory is a row of the state file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from wallet_sim.errors import FileRefused, PhoneInUse
from wallet_sim.file import KIND, HeldState, State
from wallet_sim.fleet.state import FleetState, Holder

_PATIENCE = 10.0  # seconds to wait for a phone that another thread holds


class RowMemory:
    """The memory of one phone of a fleet (`wallet_sim.file.PhoneMemory`)."""

    def __init__(self, fleet: FleetState, holder: Holder) -> None:
        self._fleet = fleet
        self._holder = holder
        self._lock = threading.Lock()

    @contextmanager
    def hold(self) -> Iterator[HeldState]:
        """Hold the phone for one exchange.

        Raises:
            PhoneInUse: another thread keeps it.
            FileRefused: the row is damaged.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise PhoneInUse(f"the phone of {self._holder.national_id} is in use")
        try:
            yield HeldRow(self._fleet, self._holder)
        finally:
            self._lock.release()


class HeldRow:
    """A phone's state while it is held (`wallet_sim.file.HeldState`)."""

    def __init__(self, fleet: FleetState, holder: Holder) -> None:
        self._fleet = fleet
        self._holder = holder
        self._state = _parse(fleet.read(holder.number), holder)

    @property
    def state(self) -> State:
        """All that the phone holds.

        Raises:
            NotEnrolled: it holds nothing yet.
        """
        if self._state is None:
            raise KIND.missing
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
        """Write the state in one transaction."""
        is_active = self.state.identity is not None
        self._fleet.write(self._holder.number, self.state.model_dump_json(), is_active=is_active)

    def erase(self) -> None:
        """Delete all that the phone holds."""
        self._fleet.write(self._holder.number, None, is_active=False)
        self._state = None


def _parse(text: str | None, holder: Holder) -> State | None:
    if text is None:
        return None
    try:
        return State.model_validate_json(text)
    except ValidationError as error:
        fields = [".".join(map(str, each["loc"])) for each in error.errors()]
        # The error's own text would show the phone's keys.
        raise FileRefused(f"the phone of {holder.national_id} is damaged: {fields}") from None
