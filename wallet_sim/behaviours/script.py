"""Which behaviour meets which request: one each in order, then always the same."""

import random
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from wallet_sim.behaviours.catalogue import CATALOGUE, Behaviour, Entry, parse_behaviour

Given = str | Mapping[str, Any] | Behaviour
"""A behaviour, its name, or `{"do": name, …}`."""


class Script:
    """What a phone does with the requests that come, in the order in which it first sees them.

    Args:
        steps: one behaviour for each request.
        then: what follows once they are used up.
        seed: of what `random` draws; it never drives a key or a code (decision 43).
        catalogue: of a phone's behaviours, or a card's.

    Raises:
        BehaviourRefused: one of them is no behaviour.
    """

    def __init__(
        self,
        steps: Iterable[Given] = (),
        then: Given = "approve",
        seed: int | str = 0,
        *,
        catalogue: Mapping[str, Entry] = CATALOGUE,
    ) -> None:
        self._catalogue = catalogue
        self._steps = deque(parse_behaviour(step, catalogue) for step in steps)
        self.then = parse_behaviour(then, catalogue)
        self._drawn = random.Random(seed)  # noqa: S311 - behaviours alone, so that a run repeats

    @property
    def steps(self) -> list[Behaviour]:
        """What is still to come, before `then`."""
        return list(self._steps)

    def add(self, *steps: Given, then: Given | None = None) -> None:
        """Put steps behind those that are still to come, and change what follows them all.

        Raises:
            BehaviourRefused: one of them is no behaviour; nothing changed.
        """
        parsed = [parse_behaviour(step, self._catalogue) for step in steps]
        self.then = self.then if then is None else parse_behaviour(then, self._catalogue)
        self._steps.extend(parsed)

    def clear(self) -> None:
        """Forget the steps that are still to come."""
        self._steps.clear()

    def next(self) -> Behaviour:
        """The behaviour for the next request; never `random`, but what it drew."""
        chosen = self._steps.popleft() if self._steps else self.then
        if chosen.name != "random":
            return chosen
        weights: Mapping[str, float] = chosen["weights"]
        # By name, so that the order in which weights are written draws nothing else.
        names = sorted(weights)
        return parse_behaviour(self._drawn.choices(names, [weights[name] for name in names])[0])
