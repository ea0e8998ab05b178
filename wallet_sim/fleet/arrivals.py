"""When sign-ins begin: curves, and instants drawn from them."""

import math
import random

from wallet_sim.fleet.profile import Arrival, Burst, Constant, Ramp, Wave

_HALVINGS = 40
"""Of the duration, to find an instant: a week is then told to less than a microsecond."""


def expected(arrival: Arrival, duration: float) -> int:
    """How many sign-ins the curve asks for over so many seconds."""
    count = round(_cumulative(arrival, duration, duration))
    return count + len(_bursts(arrival, duration))


def instants(arrival: Arrival, duration: float, draw: random.Random) -> list[float]:
    """Seconds from the start at which sign-ins begin, in order; as many as `expected`.

    Between bursts they are drawn independently of each other, as people arrive who do not know
    each other.
    """
    whole = _cumulative(arrival, duration, duration)
    drawn = [_instant_at(arrival, duration, draw.random() * whole) for _ in range(round(whole))]
    return sorted(drawn + _bursts(arrival, duration))


def _cumulative(arrival: Arrival, duration: float, t: float) -> float:
    """Sign-ins that begin by the instant ``t``, bursts left out."""
    match arrival:
        case Constant(rate=rate) | Burst(rate=rate):
            return rate * t
        case Ramp(first=first, last=last):
            return first * t + (last - first) * t * t / (2 * duration)
        case Wave(rate=rate, swing=swing, period=period):
            # The day begins at its quietest.
            turn = 2 * math.pi / period
            return rate * (t - swing / turn * math.sin(turn * t))


def _instant_at(arrival: Arrival, duration: float, count: float) -> float:
    earliest, latest = 0.0, duration
    for _ in range(_HALVINGS):
        middle = (earliest + latest) / 2
        if _cumulative(arrival, duration, middle) < count:
            earliest = middle
        else:
            latest = middle
    return latest


def _bursts(arrival: Arrival, duration: float) -> list[float]:
    if not isinstance(arrival, Burst):
        return []
    count = math.ceil(duration / arrival.every)
    return [number * arrival.every for number in range(count) for _ in range(arrival.size)]
