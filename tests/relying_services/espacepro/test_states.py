"""The life of a delegation: every act in every state, against one table."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy.orm import Session

from relying_services.espacepro.delegations import (
    Delegation,
    accept,
    lapse,
    refuse,
    revoke,
    send,
)
from relying_services.espacepro.states import ACTS, LABELS, STATES, TRANSITIONS, shown
from relying_services.service.errors import ServiceError
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import (
    BRISELAME,
    MARGELLE,
    NOW,
    SETTINGS,
    drawn_up,
)

LATER = NOW + timedelta(days=15)
EXPECTED = {
    ("send", "draft"): "pending",
    ("accept", "pending"): "accepted",
    ("refuse", "pending"): "refused",
    ("revoke", "pending"): "revoked",
    ("revoke", "accepted"): "revoked",
    ("lapse", "pending"): "lapsed",
}


def act(db: Session, made: Delegation, name: str, now: datetime = NOW) -> None:
    """Do an act by the function that people reach."""
    match name:
        case "send":
            send(db, now, SETTINGS, made)
        case "accept":
            accept(db, now, made, BRISELAME)
        case "refuse":
            refuse(db, now, made, BRISELAME)
        case "revoke":
            revoke(db, now, made, MARGELLE.id)
        case "lapse":
            lapse(db, LATER)


WAY = {
    "draft": (),
    "pending": ("send",),
    "accepted": ("send", "accept"),
    "refused": ("send", "refuse"),
    "revoked": ("send", "accept", "revoke"),
    "lapsed": ("send", "lapse"),
}


def test_the_table_of_the_service_is_the_one_of_these_tests() -> None:
    assert dict(TRANSITIONS) == EXPECTED
    assert set(WAY) == set(STATES)
    assert {name for name, _ in EXPECTED} == set(ACTS)


@pytest.mark.parametrize(("name", "state"), list(product(ACTS, STATES)))
def test_an_act_leads_where_the_table_says_and_nowhere_else(
    store: Store, name: str, state: str
) -> None:
    """EP-10, EP-17: every act in every state."""
    with store.begin() as db:
        made = drawn_up(db)
        for step in WAY[state]:
            act(db, made, step)
        assert made.state == state
        if (name, state) in EXPECTED or name == "lapse":
            act(db, made, name)
        else:
            with pytest.raises(ServiceError):
                act(db, made, name)
        db.refresh(made)
        assert made.state == EXPECTED.get((name, state), state)


@pytest.mark.parametrize(
    ("state", "day", "expected"),
    [
        ("draft", 10, "draft"),
        ("pending", 10, "pending"),
        ("accepted", 9, "coming"),
        ("accepted", 10, "current"),
        ("accepted", 12, "current"),
        ("accepted", 13, "over"),
        ("refused", 11, "refused"),
        ("revoked", 11, "revoked"),
        ("lapsed", 11, "lapsed"),
    ],
)
def test_what_is_shown_follows_from_the_state_and_the_day(
    state: str, day: int, expected: str
) -> None:
    """EP-11."""
    told = shown(
        state,  # type: ignore[arg-type] # the parameters of a test are plain text
        starts_on=date(2026, 6, 10),
        ends_on=date(2026, 6, 12),
        expires_at=LATER,
        now=NOW.replace(day=day),
    )
    assert told == expected
    assert LABELS[told]


def test_an_invitation_is_shown_as_lapsed_from_that_instant_on() -> None:
    dates = {"starts_on": date(2026, 6, 10), "ends_on": date(2026, 9, 12)}
    almost = LATER - timedelta(microseconds=1)
    assert shown("pending", **dates, expires_at=LATER, now=almost) == "pending"
    assert shown("pending", **dates, expires_at=LATER, now=LATER) == "lapsed"
