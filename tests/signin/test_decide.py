"""The table of `signin/decide.py`, line by line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.signin.decide import Asked, Situation, Standing, Step, decide

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ASKED = Asked(
    prompt=frozenset(),
    max_age=None,
    hinted_sub=None,
    means=frozenset({"MOBILE", "CARD"}),
    began=NOW - timedelta(seconds=10),
)
SESSION = Standing(
    sub="me",
    auth_time=NOW - timedelta(minutes=10),
    means=frozenset({"MOBILE"}),
    confirmed=True,
)
FRESH = replace(SESSION, auth_time=NOW - timedelta(seconds=5))
CARD_ONLY = frozenset({"CARD"})
ALL = frozenset({"MOBILE", "CARD"})


def _prompt(*values: str) -> Asked:
    return replace(ASKED, prompt=frozenset(values))


@pytest.mark.parametrize(
    ("asked", "standing", "step", "silent_error"),
    [
        (ASKED, None, Step.SIGN_IN, "login_required"),
        (ASKED, SESSION, Step.GRANT, ""),
        (ASKED, replace(SESSION, confirmed=False), Step.CONFIRM, "interaction_required"),
        (_prompt("none"), SESSION, Step.GRANT, ""),
        (_prompt("none"), None, Step.SIGN_IN, "login_required"),
        (_prompt("login"), SESSION, Step.SIGN_IN, "login_required"),
        (_prompt("login"), FRESH, Step.GRANT, ""),
        (_prompt("select_account"), SESSION, Step.SIGN_IN, "login_required"),
        (_prompt("consent"), SESSION, Step.CONFIRM, "consent_required"),
        (_prompt("login", "consent"), SESSION, Step.SIGN_IN, "login_required"),
        (_prompt("login", "consent"), FRESH, Step.CONFIRM, "consent_required"),
        (replace(ASKED, max_age=timedelta(minutes=10)), SESSION, Step.GRANT, ""),
        (
            replace(ASKED, max_age=timedelta(minutes=9)),
            SESSION,
            Step.SIGN_IN,
            "login_required",
        ),
        (replace(ASKED, max_age=timedelta(0)), SESSION, Step.SIGN_IN, "login_required"),
        (replace(ASKED, max_age=timedelta(0)), FRESH, Step.GRANT, ""),
        (replace(ASKED, hinted_sub="me"), SESSION, Step.GRANT, ""),
        (replace(ASKED, hinted_sub="you"), SESSION, Step.SIGN_IN, "login_required"),
        (replace(ASKED, means=CARD_ONLY), SESSION, Step.SIGN_IN, "login_required"),
        (replace(ASKED, means=CARD_ONLY), FRESH, Step.SIGN_IN, "login_required"),
        (replace(ASKED, means=CARD_ONLY), replace(SESSION, means=ALL), Step.GRANT, ""),
        (ASKED, replace(SESSION, activities=2), Step.CHOOSE, "interaction_required"),
        (ASKED, replace(SESSION, activities=1), Step.GRANT, ""),
        (ASKED, replace(SESSION, activities=2, activity_chosen=True), Step.GRANT, ""),
        (
            ASKED,
            replace(SESSION, activities=2, confirmed=False),
            Step.CONFIRM,
            "interaction_required",
        ),
        (
            _prompt("login"),
            replace(FRESH, activities=2, activity_chosen=True),
            Step.CHOOSE,
            "interaction_required",
        ),
        (
            _prompt("select_account"),
            replace(FRESH, activities=2, activity_chosen=True),
            Step.CHOOSE,
            "interaction_required",
        ),
    ],
)
def test_what_stands_between_request_and_code(
    asked: Asked, standing: Standing | None, step: Step, silent_error: str
) -> None:
    """Core 3.1.2.1 and 3.1.2.6; decisions 7, 13 and 15."""
    rule = decide(Situation(asked, standing, available=ALL, now=NOW))
    assert (rule.step, rule.silent_error) == (step, silent_error)


def test_means_that_nobody_can_carry_out_are_an_error() -> None:
    """Decision 7."""
    case = Situation(
        replace(ASKED, means=CARD_ONLY), SESSION, available=frozenset({"MOBILE"}), now=NOW
    )
    assert decide(case).step is Step.UNMET
    held = replace(SESSION, means=ALL)
    assert decide(replace(case, standing=held)).step is Step.GRANT
