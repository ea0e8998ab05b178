"""The life of an act at a teleservice: one table of what may be done in which state.

An act is read again before it has effect (RGAA 11.12). One that a delegate may only prepare has no
effect until the person in whose name it is done has validated it.
"""

from collections.abc import Mapping
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

ActState = Literal["draft", "prepared", "sent", "dropped"]
Step = Literal["send", "prepare", "validate", "drop", "set_aside"]

STATES: tuple[ActState, ...] = ("draft", "prepared", "sent", "dropped")
STEPS: tuple[Step, ...] = ("send", "prepare", "validate", "drop", "set_aside")

TRANSITIONS: Mapping[Step, tuple[ActState, ActState]] = {
    "send": ("draft", "sent"),
    "prepare": ("draft", "prepared"),
    "drop": ("draft", "dropped"),
    "validate": ("prepared", "sent"),
    "set_aside": ("prepared", "dropped"),
}
"""From which state to which; what is not here is refused."""

OF_HOLDER: frozenset[Step] = frozenset({"validate", "set_aside"})
"""Steps of the person in whose name the act is done alone; the others are its author's."""

LABELS: Mapping[ActState, LazyString] = {
    "draft": _l("Brouillon"),
    "prepared": _l("À valider par le titulaire"),
    "sent": _l("Envoyé"),
    "dropped": _l("Abandonné"),
}
