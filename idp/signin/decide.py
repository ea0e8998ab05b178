"""What still stands between an authorization request and its code: one table.

Pure: it knows neither Flask nor SQL. The same table answers when a request arrives, when a page
is shown and when a form is posted, so that no path skips a rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    """What must happen next."""

    UNMET = "unmet"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"
    CHOOSE = "choose"
    GRANT = "grant"


@dataclass(frozen=True)
class Asked:
    """What a request demands of the person's sign-in."""

    prompt: frozenset[str]
    max_age: timedelta | None
    hinted_sub: str | None
    """The only person acceptable (`id_token_hint`)."""
    means: frozenset[str]
    """The means that satisfy the client (decision 7)."""
    began: datetime
    """When the request arrived: an authentication since then is a fresh one."""


@dataclass(frozen=True)
class Standing:
    """What the browser's live session has to offer."""

    sub: str
    """As this client would see it."""
    auth_time: datetime
    means: frozenset[str]
    confirmed: bool
    """The person let this service in during this session (decision 13)."""
    activities: int = 0
    """How many the person may act under at this service; none where it does not ask (CP-08)."""
    activity_chosen: bool = False
    """One of them was chosen for this service during this session (decision 15)."""


@dataclass(frozen=True)
class Situation:
    """Everything that the rules look at."""

    asked: Asked
    standing: Standing | None
    available: frozenset[str]
    """The means that this provider can carry out."""
    now: datetime


def _no_means_serves(case: Situation) -> bool:
    held = case.standing.means if case.standing else frozenset()
    return not case.asked.means & (case.available | held)


def _nobody_is_signed_in(case: Situation) -> bool:
    return case.standing is None


def _somebody_else_is_expected(case: Situation) -> bool:
    hinted = case.asked.hinted_sub
    return hinted is not None and case.standing is not None and case.standing.sub != hinted


def _means_is_not_enough(case: Situation) -> bool:
    return case.standing is not None and not case.standing.means & case.asked.means


def _fresh_sign_in_is_asked(case: Situation) -> bool:
    return _asks_anew(case) and not _is_fresh(case)


def _sign_in_is_too_old(case: Situation) -> bool:
    if case.asked.max_age is None or case.standing is None or _is_fresh(case):
        return False
    return case.now - case.standing.auth_time > case.asked.max_age


def _consent_is_asked(case: Situation) -> bool:
    return "consent" in case.asked.prompt


def _service_is_new_to_the_session(case: Situation) -> bool:
    return case.standing is not None and not case.standing.confirmed


def _activity_must_be_chosen(case: Situation) -> bool:
    if case.standing is None or case.standing.activities <= 1:
        return False
    return not case.standing.activity_chosen or _asks_anew(case)


def _asks_anew(case: Situation) -> bool:
    return bool({"login", "select_account"} & case.asked.prompt)


def _is_fresh(case: Situation) -> bool:
    return case.standing is not None and case.standing.auth_time >= case.asked.began


@dataclass(frozen=True)
class Rule:
    """One line of the table."""

    applies: Callable[[Situation], bool]
    step: Step
    silent_error: str
    """The error where `prompt=none` forbids to show a page (OpenID Connect Core 3.1.2.6)."""


_UNMET = "unmet_authentication_requirements"

RULES = (
    Rule(_no_means_serves, Step.UNMET, _UNMET),
    Rule(_nobody_is_signed_in, Step.SIGN_IN, "login_required"),
    Rule(_somebody_else_is_expected, Step.SIGN_IN, "login_required"),
    Rule(_means_is_not_enough, Step.SIGN_IN, "login_required"),
    Rule(_fresh_sign_in_is_asked, Step.SIGN_IN, "login_required"),
    Rule(_sign_in_is_too_old, Step.SIGN_IN, "login_required"),
    Rule(_consent_is_asked, Step.CONFIRM, "consent_required"),
    Rule(_service_is_new_to_the_session, Step.CONFIRM, "interaction_required"),
    Rule(_activity_must_be_chosen, Step.CHOOSE, "interaction_required"),
)
_GRANT = Rule(lambda _case: True, Step.GRANT, "")


def decide(case: Situation) -> Rule:
    """The first rule that applies; a grant when none does."""
    return next((rule for rule in RULES if rule.applies(case)), _GRANT)
