"""The states of a replacement session, as one table (SV-13)."""

from enum import StrEnum

from relying_services.billing.errors import WrongState


class State(StrEnum):
    """Where a session stands."""

    PREPAREE = "preparee"
    ACTIVE = "active"
    SUSPENDUE = "suspendue"
    DESACTIVEE = "desactivee"
    PURGEE = "purgee"
    """Nothing is kept of it: no row has this state."""


class Act(StrEnum):
    """What is done to a session; the trace names it so."""

    PREPARE = "prepare"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    DEACTIVATE = "deactivate"
    PURGE = "purge"


TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.PREPAREE, Act.ACTIVATE): State.ACTIVE,
    # Another browser of the same substitute takes over, by the card; the one before bills no more.
    (State.ACTIVE, Act.ACTIVATE): State.ACTIVE,
    (State.ACTIVE, Act.SUSPEND): State.SUSPENDUE,
    (State.SUSPENDUE, Act.RESUME): State.ACTIVE,
    (State.ACTIVE, Act.DEACTIVATE): State.DESACTIVEE,
    (State.SUSPENDUE, Act.DEACTIVATE): State.DESACTIVEE,
    # A replacement that never came about is closed too.
    (State.PREPAREE, Act.DEACTIVATE): State.DESACTIVEE,
    (State.DESACTIVEE, Act.PREPARE): State.PREPAREE,
    (State.DESACTIVEE, Act.PURGE): State.PURGEE,
}
"""State and act to the next state; whatever is not here is refused."""

OF_SUBSTITUTE = frozenset({Act.ACTIVATE})
"""What the substitute's card does; all else is the replaced doctor's."""


def follow(state: State, act: Act) -> State:
    """The state after an act.

    Raises:
        WrongState: the table does not have it.
    """
    found = TRANSITIONS.get((state, act))
    if found is None:
        raise WrongState
    return found


def allowed(state: State) -> frozenset[Act]:
    """What can be done in a state."""
    return frozenset(act for before, act in TRANSITIONS if before == state)
