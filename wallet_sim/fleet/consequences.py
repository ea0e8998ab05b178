"""What each behaviour of a mix must lead to: the run is held to it, sign-in by sign-in.

The catalogue (`wallet_sim/behaviours/catalogue.py`) tells in words what provider and service do;
here stands what of it a load can be judged by.
"""

from dataclasses import dataclass
from typing import Any, Literal

from wallet_sim.behaviours.catalogue import Behaviour, BehaviourRefused, parse_behaviour

Seen = Literal["approved", "refused", "expired"]
"""What the service sees: tokens; `access_denied`; or nothing until the question is over."""

Left = Literal["fit", "locked", "suspended"]
"""How a phone is left: ready for the next sign-in, or out until it is activated anew."""

_LONGEST_WAIT = 30.0
"""Seconds that a behaviour may keep an answer back: a web question lives for 60 by default."""
_PINS_OF_A_ROUND = 3


@dataclass(frozen=True)
class Consequence:
    """What a sign-in must come to."""

    seen: Seen
    left: Left = "fit"
    wrong_pins: int = 0
    """Wrong PINs in a row that the provider must hold of the phone afterwards."""


_OF = {
    "approve": Consequence("approved"),
    "refuse": Consequence("refused"),
    "not_me": Consequence("refused"),
    "ignore": Consequence("expired"),
    "delay": Consequence("approved"),
    "wrong_number": Consequence("refused"),
    "approve_after_expiry": Consequence("expired"),
    "answer_twice": Consequence("approved"),
    "replay": Consequence("approved"),
    "rooted": Consequence("expired"),
    "sim_changed": Consequence("expired"),
    "slow": Consequence("approved"),
    "lose_answer": Consequence("approved"),
    "reorder": Consequence("approved"),
}


def read_behaviour(given: dict[str, Any]) -> Behaviour:
    """A behaviour that a fleet can be made of.

    Raises:
        BehaviourRefused: no behaviour, or one whose outcome a load cannot be held to.
    """
    behaviour = parse_behaviour(given)
    if behaviour.name not in {*_OF, "wrong_pin", "network_down"}:
        able = ", ".join(sorted({*_OF, "wrong_pin", "network_down"}))
        raise BehaviourRefused(f"{behaviour.name} is not for fleets, which know {able}")
    seconds = behaviour.parameters.get("seconds")
    if seconds is not None and seconds > _LONGEST_WAIT:
        raise BehaviourRefused(
            f"{behaviour.name}: seconds is at most {_LONGEST_WAIT:g} in a fleet, so that the "
            "question still lives"
        )
    return behaviour


def consequence(behaviour: Behaviour) -> Consequence:
    """What a sign-in by a fit phone must come to."""
    if behaviour.name == "network_down":
        return Consequence("expired" if behaviour["seconds"] is None else "approved")
    if behaviour.name != "wrong_pin":
        return _OF[behaviour.name]
    if behaviour["times"] < _PINS_OF_A_ROUND:
        # The right one that follows begins the count anew.
        return Consequence("approved")
    return Consequence("refused", "locked", _PINS_OF_A_ROUND)
