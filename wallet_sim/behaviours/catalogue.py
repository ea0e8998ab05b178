"""What a phone and its person may be told to do with a request: names, parameters, consequences.

The table of the documentation and the control API are made of `CATALOGUE`; `wallet_sim/behaviours/
acts.py` carries each out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from wallet_sim.behaviours.tampering import FIELDS, TIMES

_LONGEST_WAIT = 7 * 86_400
"""Seconds: nothing of a sign-in lives longer."""
_PINS_OF_A_ROUND = 3
"""Wrong PINs that end a request (decision 19)."""


class BehaviourRefused(ValueError):
    """What was asked for is no behaviour of the catalogue: the message says what would be."""


@dataclass(frozen=True)
class Behaviour:
    """What is done with one request. Made by `parse_behaviour`, which checks the parameters."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __getitem__(self, parameter: str) -> Any:
        return self.parameters[parameter]

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.name}({given})" if given else self.name

    def as_json(self) -> dict[str, Any]:
        """As `parse_behaviour` takes it."""
        return {"do": self.name, **self.parameters}


@dataclass(frozen=True)
class Parameter:
    """A number, a name among several, or weights by name."""

    meaning: str
    default: Any
    kind: type[float] | type[int] | type[str] | type[dict[str, float]]
    least: float = 0
    most: float = _LONGEST_WAIT
    among: tuple[str, ...] = ()
    is_optional: bool = False
    """Whether None, the default, means something."""


@dataclass(frozen=True)
class Entry:
    """A behaviour as it is documented."""

    does: str
    """What the phone and its person do."""
    provider: str
    """What the provider must do; a test of this project holds it to that."""
    service: str
    """What the service that asked for the sign-in sees, in the words of `Sees`."""
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


Sees = Literal["tokens", "refused", "unanswered"]
"""What the service sees: by CIBA tokens, `access_denied`, or `authorization_pending` and in the end
`expired_token`. By browser its code, or nothing until the person, whom the page tells what
happened, begins again or gives up (`access_denied`)."""

_SECONDS = Parameter("seconds, by the provider's clock", 20.0, float)

CATALOGUE: Mapping[str, Entry] = {
    "approve": Entry(
        "Types the right PIN and the number that the page shows.",
        "Approves; `failures_since_success` is told.",
        "tokens",
    ),
    "refuse": Entry(
        "Refuses: no PIN is typed.",
        "The challenge is `refused`.",
        "refused",
    ),
    "not_me": Entry(
        'Says "it was not me".',
        "The challenge is `not_me`; further pushes to this person are suppressed for a while.",
        "refused",
    ),
    "ignore": Entry(
        "Does nothing.",
        "The challenge expires; no try is counted.",
        "unanswered",
    ),
    "delay": Entry(
        "Approves after a while.",
        "Approves, if the request still lives; else 409 `challenge_closed`.",
        "tokens, later; unanswered, if it is too late",
        {"seconds": _SECONDS},
    ),
    "wrong_pin": Entry(
        "Types wrong PINs, then the right one where a try is left.",
        "Counts each; the third ends the challenge and locks the phone for the time of its round "
        "(decision 19).",
        "tokens after one or two, refused after three",
        {"times": Parameter("wrong PINs in a row", 1, int, 1, _PINS_OF_A_ROUND)},
    ),
    "wrong_number": Entry(
        "Types the right PIN, and a number that the page does not show.",
        "The challenge is dead (`wrong_number`), the try is given back, the registered contacts "
        "are told (decision 20).",
        "refused",
    ),
    "approve_after_expiry": Entry(
        "Approves one second after the request's end.",
        "409 `challenge_closed`; no try is counted.",
        "unanswered",
    ),
    "answer_twice": Entry(
        "Approves, and approves the same request again, newly signed.",
        "Approves once; the second is 409 `challenge_closed` and costs no try.",
        "tokens, once",
    ),
    "replay": Entry(
        "Approves; what was sent is recorded on the network and sent again.",
        "Carries it out once: the same bytes get the same answer, nothing moves on.",
        "tokens, once",
    ),
    "tamper": Entry(
        "Approves, and a field of the request is altered on its way: by the network after the "
        "phone has signed, or by a thief of the device key, who signs it anew.",
        "Altered after signing: 401 `not_recognised`, nothing is counted. Signed anew: what the "
        "table of fields says.",
        "unanswered; tokens where `request_id` was signed anew",
        {
            "field": Parameter("what is altered", "number", str, among=tuple(FIELDS)),
            "when": Parameter("before or after the device key signed", TIMES[0], str, among=TIMES),
        },
    ),
    "rooted": Entry(
        "Approves while the phone declares itself rooted (EC-28).",
        "403 `posture_refused`, reason `rooted`; nothing is counted.",
        "unanswered",
    ),
    "sim_changed": Entry(
        "Approves while another SIM is in the phone (EC-28).",
        "403 `posture_refused`, reason `sim`; nothing is counted.",
        "unanswered",
    ),
    "clone": Entry(
        "A thief who copied the phone's file tries a wrong PIN on a phone of their own; then the "
        "phone itself approves.",
        "409 `clone_suspected`: the e-CPS is suspended, its sessions end, the registered contacts "
        "are told.",
        "refused",
    ),
    "restore_old_file": Entry(
        "A wrong PIN is typed, the phone's file of before is put back to win the try back, and "
        "the right PIN is typed.",
        "409 `clone_suspected`, before the PIN is looked at: the e-CPS is suspended.",
        "refused",
    ),
    "network_down": Entry(
        "Approves without a network; with `seconds`, approves again once the network is back.",
        "Sees nothing; then approves, if the request still lives.",
        "unanswered; with `seconds` tokens, later",
        {"seconds": Parameter("until the network is back; never, if left out", None, float,
                              is_optional=True)},
    ),
    "slow": Entry(
        "Approves; the answer, signed at once, arrives so much later.",
        "Approves a request that still lives; an answer signed more than 60 s ago is 401 "
        "`not_recognised`, and nothing is counted.",
        "tokens, later; unanswered, if it is too late",
        {"seconds": _SECONDS},
    ),
    "lose_answer": Entry(
        "Approves; the provider's answer is lost, and the phone asks what became of it.",
        "Approves once, and tells it again to who asks about it (decision 21).",
        "tokens",
    ),
    "reorder": Entry(
        "Approves; the question what became of it overtakes the answer, which arrives afterwards; "
        "the phone then approves anew.",
        "Will not carry out what it said had never arrived (409 `request_id_reused`); approves "
        "the second.",
        "tokens, once",
    ),
    "random": Entry(
        "One of several, drawn by the script's seed; each with its usual parameters.",
        "As for the one that was drawn.",
        "as for the one that was drawn",
        {"weights": Parameter("how often each, by name", None, dict[str, float])},
    ),
}  # fmt: skip


def parse_behaviour(
    given: str | Mapping[str, Any] | Behaviour, catalogue: Mapping[str, Entry] = CATALOGUE
) -> Behaviour:
    """A behaviour of a catalogue from its name, or from `{"do": name, …parameters}`.

    Raises:
        BehaviourRefused: no such name or parameter, or a value that makes no sense.
    """
    if isinstance(given, Behaviour):
        given = given.as_json()
    members = {"do": given} if isinstance(given, str) else dict(given)
    name = members.pop("do", None)
    if not isinstance(name, str) or name not in catalogue:
        raise BehaviourRefused(f"no behaviour {name!r}: there are {', '.join(sorted(catalogue))}")
    known = catalogue[name].parameters
    unknown = sorted(set(members) - set(known))
    if unknown:
        takes = ", ".join(known) or "none"
        raise BehaviourRefused(f"{name} has no parameter {', '.join(unknown)}: it takes {takes}")
    values = {
        each: _checked(name, each, parameter, members.get(each, parameter.default))
        for each, parameter in known.items()
    }
    return Behaviour(name, values)


def _checked(name: str, called: str, parameter: Parameter, value: Any) -> Any:
    if value is None and parameter.is_optional:
        return None
    if parameter.among:
        if value not in parameter.among:
            raise BehaviourRefused(f"{name}: {called} is one of {', '.join(parameter.among)}")
        return value
    if parameter.kind is int or parameter.kind is float:
        return _number(f"{name}: {called}", parameter, value)
    return _weights(value)


def _number(what: str, parameter: Parameter, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise BehaviourRefused(f"{what} is a number")
    if parameter.kind is int and value != int(value):
        raise BehaviourRefused(f"{what} is a whole number")
    if not parameter.least <= value <= parameter.most:
        raise BehaviourRefused(f"{what} is from {parameter.least:g} to {parameter.most:g}")
    return int(value) if parameter.kind is int else float(value)


def _weights(value: Any) -> Mapping[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise BehaviourRefused('random: weights is an object such as {"approve": 9, "refuse": 1}')
    for name, weight in value.items():
        if name == "random" or name not in CATALOGUE:
            raise BehaviourRefused(f"random: {name!r} is none of the other behaviours")
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise BehaviourRefused(f"random: the weight of {name} is a number")
        if not math.isfinite(weight) or weight < 0:
            raise BehaviourRefused(f"random: the weight of {name} is 0 or more")
    if not any(value.values()):
        raise BehaviourRefused("random: one weight at least is above 0")
    return dict(value)
