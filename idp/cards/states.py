"""The life of a card as one table (domain 5); every other transition is refused.

Pure: it knows neither Flask nor SQL.
"""

from dataclasses import dataclass
from enum import StrEnum


class CardState(StrEnum):
    """Where a card stands, in the directory's own words."""

    COMMANDEE = "commandee"
    EN_FABRICATION = "en_fabrication"
    EXPEDIEE = "expediee"
    RECUE_NON_ACTIVEE = "recue_non_activee"
    ACTIVE = "active"
    BLOQUEE = "bloquee"
    OPPOSEE = "opposee"
    EXPIREE = "expiree"
    INVALIDEE = "invalidee"
    """Replaced: its successor was activated."""


class CardAct(StrEnum):
    """What can happen to a card."""

    MANUFACTURE = "manufacture"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    ACTIVATE = "activate"
    BLOCK = "block"
    UNBLOCK = "unblock"
    OPPOSE = "oppose"
    EXPIRE = "expire"
    REPLACE = "replace"


@dataclass(frozen=True)
class Transition:
    """From which states an act may come, and where it leads."""

    sources: frozenset[CardState]
    target: CardState


_S = CardState
FINAL = frozenset({_S.OPPOSEE, _S.EXPIREE, _S.INVALIDEE})
NOT_ACTIVATED = frozenset({_S.EXPEDIEE, _S.RECUE_NON_ACTIVEE})
"""Made, and not yet in use: where a card stands whose certificates are on hold (CP-07)."""
_IN_HAND = frozenset({_S.RECUE_NON_ACTIVEE, _S.ACTIVE, _S.BLOQUEE})

TRANSITIONS: dict[CardAct, Transition] = {
    CardAct.MANUFACTURE: Transition(frozenset({_S.COMMANDEE}), _S.EN_FABRICATION),
    CardAct.DISPATCH: Transition(frozenset({_S.EN_FABRICATION}), _S.EXPEDIEE),
    CardAct.RECEIVE: Transition(frozenset({_S.EXPEDIEE}), _S.RECUE_NON_ACTIVEE),
    CardAct.ACTIVATE: Transition(frozenset({_S.RECUE_NON_ACTIVEE}), _S.ACTIVE),
    CardAct.BLOCK: Transition(frozenset({_S.ACTIVE}), _S.BLOQUEE),
    CardAct.UNBLOCK: Transition(frozenset({_S.BLOQUEE}), _S.ACTIVE),
    CardAct.OPPOSE: Transition(frozenset(_S) - FINAL, _S.OPPOSEE),
    CardAct.EXPIRE: Transition(_IN_HAND | {_S.EXPEDIEE}, _S.EXPIREE),
    CardAct.REPLACE: Transition(_IN_HAND, _S.INVALIDEE),
}
