"""What a fleet counts while it runs: how long steps took, and what went wrong."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wallet_sim.clock import monotonic

PERCENTILES = (50, 95, 99)


@dataclass(frozen=True)
class Latency:
    """How long one step took, in seconds."""

    count: int
    percentiles: dict[int, float]
    longest: float


@dataclass
class Measures:
    """Filled by any thread, read once everything is over."""

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    """What was counted that is no error."""
    examples: dict[str, str] = field(default_factory=dict)
    """Of each kind of error, what the first one said."""
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, step: str, seconds: float) -> None:
        """Note how long a step took."""
        with self._guard:
            self.took.setdefault(step, []).append(seconds)

    def fail(self, kind: str, words: str) -> None:
        """Note an error: its kind, in few words that always are the same, and what it said."""
        with self._guard:
            self.errors[kind] += 1
            self.examples.setdefault(kind, words)

    def note(self, what: str) -> None:
        """Count something that is no error."""
        with self._guard:
            self.notes[what] += 1

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long the block took, unless it raised."""
        began = monotonic()
        yield
        self.add(step, monotonic() - began)

    def latencies(self) -> dict[str, Latency]:
        """Each step's figures, in the order in which steps were first taken."""
        with self._guard:
            return {step: _latency(sorted(taken)) for step, taken in self.took.items()}


def _latency(taken: list[float]) -> Latency:
    return Latency(len(taken), {rank: _percentile(taken, rank) for rank in PERCENTILES}, taken[-1])


def _percentile(taken: list[float], rank: int) -> float:
    """Nearest rank: a time that was really taken."""
    return taken[max(0, -(-rank * len(taken) // 100) - 1)]
