"""Every sign-in of a run, drawn by the profile's seed before the first one begins."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from wallet_sim.behaviours.catalogue import Behaviour, BehaviourRefused
from wallet_sim.fleet.arrivals import expected, instants
from wallet_sim.fleet.consequences import Consequence, consequence, read_behaviour
from wallet_sim.fleet.errors import ProfileRefused
from wallet_sim.fleet.profile import Profile

Way = Literal["web", "ciba"]

MOST_SIGNINS = 1_000_000
"""Of one run: they are drawn beforehand and held in memory."""

T = TypeVar("T")


@dataclass(frozen=True)
class Planned:
    """A sign-in to come."""

    number: int
    at: float
    """Seconds from the start of the run."""
    phone: int
    """Number of the phone in the state file."""
    way: Way
    behaviour: Behaviour
    think: float
    """Seconds that the person takes before answering."""

    @property
    def must(self) -> Consequence:
        """What it must come to."""
        return consequence(self.behaviour)


def behaviours_of(profile: Profile) -> list[tuple[Behaviour, float]]:
    """The mix, each behaviour with its weight.

    Raises:
        ProfileRefused: one of them is none that a fleet can have.
    """
    mixed = []
    for number, share in enumerate(profile.mix):
        try:
            mixed.append((read_behaviour(share.behaviour), share.weight))
        except BehaviourRefused as error:
            raise ProfileRefused(f"mix.{number}: {error}") from error
    return mixed


def plan(profile: Profile, phones: Sequence[int]) -> list[Planned]:
    """The sign-ins of a run, in order; the same ones for the same profile and phones.

    Shares are met exactly, whatever the seed: it draws which sign-in is which. A phone signs in
    again only after all others that are fit, and no more once its behaviour puts it out.

    Raises:
        ProfileRefused: nothing, or too much, to do; or the mix puts more phones out than there are.
    """
    mixed = behaviours_of(profile)
    count = expected(profile.arrival, profile.run.duration)
    if not 1 <= count <= MOST_SIGNINS:
        raise ProfileRefused(
            f"the arrival curve asks for {count} sign-ins; a run has 1 to {MOST_SIGNINS}: change "
            "its rate or run.duration"
        )
    draw = random.Random(profile.seed)  # noqa: S311 - behaviours and arrivals alone (decision 43)
    times = instants(profile.arrival, profile.run.duration, draw)
    ways: list[tuple[Way, float]] = [("web", profile.run.web), ("ciba", profile.run.ciba)]
    done_by = _shared(ways, count, draw)
    behaviours = _shared(mixed, count, draw)
    turns = deque(draw.sample(list(phones), len(phones)))
    planned = []
    for number, at in enumerate(times):
        if not turns:
            raise ProfileRefused(
                f"after {number} of {count} sign-ins no phone is left: the mix locks them all; "
                "raise people.count or lower the weight of wrong_pin with times = 3"
            )
        think = draw.uniform(*profile.run.think)
        one = Planned(number, at, turns.popleft(), done_by[number], behaviours[number], think)
        if one.must.left == "fit":
            turns.append(one.phone)
        planned.append(one)
    return planned


def _shared(weighed: Sequence[tuple[T, float]], count: int, draw: random.Random) -> list[T]:
    """As many of each as its weight says (largest remainders), in drawn order."""
    whole = sum(weight for _, weight in weighed)
    exact = [weight / whole * count for _, weight in weighed]
    counts = [int(each) for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for index in by_remainder[: count - sum(counts)]:
        counts[index] += 1
    shared: list[T] = []
    for (thing, _), times in zip(weighed, counts, strict=True):
        shared += [thing] * times
    draw.shuffle(shared)
    return shared
