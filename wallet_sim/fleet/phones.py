"""The phones of a fleet: real ones, on shared memory and a shared network."""

from dataclasses import dataclass

from wallet_sim.behaviours import ActingPhone, Script
from wallet_sim.fleet.rows import RowMemory
from wallet_sim.fleet.state import FleetState, Holder
from wallet_sim.fleet.wire import Wire
from wallet_sim.phone import Phone


@dataclass
class Eyes:
    """What the person who holds a phone sees of the sign-in that is under way (`Sight`)."""

    phone: Phone
    number: str | None = None
    """Read from the page, or from the service that shows it."""

    def shown_number(self, challenge_id: str) -> str | None:
        """The number that is shown: a person looks at one sign-in at a time."""
        del challenge_id
        return self.number

    def now(self) -> float:
        """The present instant by the phone's clock, which follows the provider's."""
        return float(self.phone.clock.timestamp())


@dataclass
class Carried:
    """A phone in the hand of its person."""

    holder: Holder
    acting: ActingPhone
    eyes: Eyes
    refused: bool = False
    """Whether the person refused since they last approved: pushes may then be withheld."""

    @property
    def phone(self) -> Phone:
        """The phone itself."""
        return self.acting.phone


class Phones:
    """Makes the phones of a fleet when they are first needed, and keeps them.

    Args:
        state: where they are kept.
        wire: how their HTTP leaves.
        insecure_http: allow a provider elsewhere without TLS.
    """

    def __init__(self, state: FleetState, wire: Wire, *, insecure_http: bool = False) -> None:
        self._state = state
        self._wire = wire
        self._insecure_http = insecure_http
        self._memories: dict[int, RowMemory] = {}
        self._carried: dict[int, Carried] = {}

    def empty_handed(self, holder: Holder) -> Phone:
        """The phone of somebody, to be activated."""
        return Phone(
            self._memories.setdefault(holder.number, RowMemory(self._state, holder)),
            transport=self._wire,
            language="en",
            insecure_http=self._insecure_http,
        )

    def carried(self, holder: Holder) -> Carried:
        """The phone of somebody, with the person; always the same one."""
        if holder.number not in self._carried:
            phone = self.empty_handed(holder)
            eyes = Eyes(phone)
            # Nothing is done with a request but what the schedule says of it.
            acting = ActingPhone(phone, holder.pin, eyes, Script(then="ignore"))
            self._carried[holder.number] = Carried(holder, acting, eyes)
        return self._carried[holder.number]

    def met(self) -> list[Carried]:
        """Those taken in hand since the fleet was opened, in the order of their numbers."""
        return [self._carried[number] for number in sorted(self._carried)]
