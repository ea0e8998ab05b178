"""What a phone knows of the requests that wait, so that its pages may ask each second.

A page polls (decision 38); the provider is asked when a push came, and now and then without one:
a push is a hint, and may not come (decisions 24 and 27).
"""

import hashlib
import threading
from dataclasses import dataclass

from wallet_sim.clock import monotonic
from wallet_sim.documents import Challenge
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone, Stage
from wallet_sim.receiver import Receiver

ASK_ANYWAY = 5.0
"""Seconds after which the provider is asked without a push."""
_CURSOR_LENGTH = 16


@dataclass(frozen=True)
class Seen:
    """How a phone stood when the provider was asked last."""

    stage: Stage
    waiting: tuple[Challenge, ...] = ()
    """Newest first."""
    trouble: PhoneError | None = None
    """Why nothing could be asked."""

    @property
    def cursor(self) -> str:
        """Another text whenever a page would show something else."""
        trouble = type(self.trouble).__name__ if self.trouble else ""
        told = [self.stage, trouble, *(each.challenge_id for each in self.waiting)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:_CURSOR_LENGTH]


class Watch:
    """Looks after one phone for its pages.

    Args:
        phone: the phone.
        receiver: its ear.
        ask_anyway: seconds after which the provider is asked without a push.
    """

    def __init__(self, phone: Phone, receiver: Receiver, ask_anyway: float = ASK_ANYWAY) -> None:
        self._phone = phone
        self._receiver = receiver
        self._ask_anyway = ask_anyway
        self._asking = threading.Lock()
        self._seen = Seen("empty")
        self._pushes = -1
        self._asked_at = 0.0
        self.answered_at: int | None = None
        """When the provider answered last, a NumericDate; None before it did."""

    def ask(self) -> Seen:
        """Ask the provider now."""
        with self._asking:
            return self._ask()

    def look(self) -> Seen:
        """What is known; the provider is asked where that may be out of date."""
        with self._asking:
            if self._is_due():
                return self._ask()
            now = self._phone.clock.timestamp()
            waiting = tuple(each for each in self._seen.waiting if each.exp > now)
            return Seen(self._phone.stage(), waiting, self._seen.trouble)

    def _is_due(self) -> bool:
        is_old = monotonic() - self._asked_at >= self._ask_anyway
        # The code that a pairing shows is typed elsewhere, and nothing tells.
        return is_old or self._pushes != self._receiver.count or self._seen.stage == "pairing"

    def _ask(self) -> Seen:
        # Counted before the question: a push that arrives meanwhile asks again.
        self._pushes, self._asked_at = self._receiver.count, monotonic()
        stage = self._phone.stage()
        try:
            if stage == "pairing":
                self._phone.pairing_state()
                stage = self._phone.stage()
            waiting = tuple(self._phone.pending()) if stage == "active" else ()
        except PhoneError as error:
            self._seen = Seen(stage, trouble=error)
            return self._seen
        if stage in {"active", "pairing"}:
            self.answered_at = self._phone.clock.timestamp()
        self._seen = Seen(stage, waiting)
        return self._seen
