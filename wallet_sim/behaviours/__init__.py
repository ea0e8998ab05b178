"""Phones and cards that act by themselves, well or badly: for tests of whoever signs in by them.

Everything goes through the real keys, the real file and the real PIN; misbehaviour is what a
person types, what a network does to what was sent, and what a thief copies.
"""

from wallet_sim.behaviours.acting_phone import Acted, ActingPhone, ConditionRefused, Snapshot
from wallet_sim.behaviours.catalogue import (
    CATALOGUE,
    Behaviour,
    BehaviourRefused,
    Entry,
    Parameter,
    parse_behaviour,
)
from wallet_sim.behaviours.script import Script
from wallet_sim.behaviours.sight import DevSight, Sight

__all__ = [
    "CATALOGUE",
    "Acted",
    "ActingPhone",
    "Behaviour",
    "BehaviourRefused",
    "ConditionRefused",
    "DevSight",
    "Entry",
    "Parameter",
    "Script",
    "Sight",
    "Snapshot",
    "parse_behaviour",
]
