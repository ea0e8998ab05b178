"""The steps of the chain Order, CPAM, ANS: in that order and no other (CP-04)."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.opposition import ReplacementRefused
from idp.cards.register import TransitionRefused
from idp.provider import Provider

T = TypeVar("T")


class Step(StrEnum):
    """What each part of the chain does, named after it."""

    DECLARE = "order:declare"
    MOVE = "order:move"
    END = "order:end"
    RECORD = "cpam:record"
    CARRY = "ans:carry"
    REQUEST_CARD = "ans:request-card"


class Reason(StrEnum):
    """Why a step was refused."""

    NOT_REGISTERED = "not_registered"
    """Nobody with an RPPS number: the Order comes first."""
    STRUCK_OFF = "struck_off"
    EXERCICE_UNKNOWN = "exercice_unknown"
    """The person does not exercise this profession in this category."""
    ALREADY_DECLARED = "already_declared"
    NOT_DECLARED = "not_declared"
    """The Order does not know this activity, or it ended: the CPAM comes after the Order."""
    ANOTHER_ACTIVITY = "another_activity"
    """A move does not change what makes the activity; its end and a new declaration do."""
    DEPARTMENT_CHANGED = "department_changed"
    """The billing number begins with the département: another one is another activity."""
    ALREADY_RECORDED = "already_recorded"
    NOT_RECORDED = "not_recorded"
    """The CPAM has not recorded it: the ANS comes last."""
    ALREADY_CARRIED = "already_carried"
    BILLING_NUMBERS_USED_UP = "billing_numbers_used_up"
    HOLDER_UNKNOWN = "holder_unknown"
    CARD_IN_USE = "card_in_use"
    """The employee has a card of this family that has not ended."""


class StepRefused(Exception):
    """A step out of order; it was recorded, nothing was changed."""

    def __init__(self, step: Step, reason: Reason) -> None:
        super().__init__(f"{step}: {reason.replace('_', ' ')}")
        self.step = step
        self.reason = reason


class DetailsInvalid(ValueError):
    """What is to be registered has not the form of the directory; the message says what."""


def refuse(
    provider: Provider,
    db: Session,
    step: Step,
    reason: Reason,
    *,
    person: str | None = None,
    **told: Any,
) -> StepRefused:
    """Record a refusal in the open session, which must then be committed, and give the error."""
    record(
        db,
        Event.REGISTRATION_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=person,
        step=step,
        reason=reason,
        **told,
    )
    return StepRefused(step, reason)


def take(provider: Provider, step: Callable[[Session], T]) -> T:
    """Take a step in a transaction of its own; what is refused is recorded all the same.

    Raises:
        StepRefused: by the chain.
        TransitionRefused: by the card's register.
        ReplacementRefused: by the ANS, of a card that is not to be replaced.
    """
    with provider.store.begin() as db:
        try:
            return step(db)
        except (StepRefused, TransitionRefused, ReplacementRefused) as error:
            refused = error
    raise refused
