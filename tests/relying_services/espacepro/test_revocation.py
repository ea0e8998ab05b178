"""Revoking and lapsing, and what is read of delegations: by whom, and who is told."""

from datetime import timedelta

import pytest

from relying_services.espacepro.delegations import (
    created_by_cpam,
    lapse,
    made_by,
    of_delegate,
    of_delegator,
    own,
    refuse,
    revoke,
)
from relying_services.espacepro.errors import NotRevocable
from relying_services.service.errors import NotYours
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import (
    BRISELAME,
    BRISELAME_EMAIL,
    CPAM,
    DRAPEYRON,
    EPINOY,
    MARGELLE,
    NOW,
    SECRETARY,
    accepted,
    drawn_up,
    sent,
    told,
    wish,
)

FIFTEEN_DAYS = timedelta(days=15)
A_SECOND = timedelta(seconds=1)


def test_the_delegate_is_told_of_the_revocation(store: Store) -> None:
    """EP-17."""
    with store.begin() as db:
        revoke(db, NOW, accepted(db), MARGELLE.id)
        assert told(db)[2:] == [("mail", BRISELAME_EMAIL, "Délégation révoquée")]


@pytest.mark.parametrize("by", [EPINOY.id, BRISELAME.id, CPAM, "", "cpam:"])
def test_attack_nobody_else_revokes(store: Store, by: str) -> None:
    """EP-17: neither another doctor, nor the delegate, nor the CPAM what a doctor created."""
    with store.begin() as db:
        made = accepted(db)
        with pytest.raises(NotYours):
            revoke(db, NOW, made, by)
        assert made.state == "accepted"


def test_what_the_cpam_created_its_agents_and_the_delegator_may_end(store: Store) -> None:
    """EP-13: the delegator is told at each step."""
    with store.begin() as db:
        first = accepted(db, wish(**SECRETARY), DRAPEYRON, created_by=CPAM)
        second = accepted(db, wish(**SECRETARY), DRAPEYRON, created_by=CPAM)
        assert created_by_cpam(db, first.id) is first
        assert list(made_by(db, CPAM)) in ([first, second], [second, first])
        revoke(db, NOW, own(db, MARGELLE.id, first.id), MARGELLE.id)
        revoke(db, NOW, second, "cpam:899700990130")
        subjects = [subject for _, to, subject in told(db) if to == MARGELLE.email]
    assert subjects == [
        "Délégation créée par la CPAM",
        "Délégation acceptée",
        "Délégation créée par la CPAM",
        "Délégation acceptée",
        "Délégation révoquée par la CPAM",
    ]


def test_attack_the_back_office_reads_what_the_cpam_created_alone(store: Store) -> None:
    """EP-13."""
    with store.begin() as db:
        theirs, draft = accepted(db), drawn_up(db, wish(**SECRETARY), created_by=CPAM)
        for each in (theirs.id, draft.id, "D-0000000000000000"):
            with pytest.raises(NotYours):
                created_by_cpam(db, each)


def test_what_is_closed_is_not_revoked(either: Store) -> None:
    with either.begin() as db:
        refused, _ = sent(db)
        refuse(db, NOW, refused, BRISELAME)
        revoked = accepted(db)
        revoke(db, NOW, revoked, MARGELLE.id)
        for made in (refused, revoked, drawn_up(db)):
            with pytest.raises(NotRevocable):
                revoke(db, NOW, made, MARGELLE.id)


def test_attack_another_delegator_does_not_read_a_delegation(store: Store) -> None:
    with store.begin() as db:
        made = accepted(db)
        for other in (EPINOY.id, BRISELAME.id, "", CPAM):
            with pytest.raises(NotYours):
                own(db, other, made.id)
        with pytest.raises(NotYours):
            own(db, MARGELLE.id, "D-0000000000000000")


def test_lists_hold_what_concerns_the_person_newest_first(either: Store) -> None:
    with either.begin() as db:
        first = accepted(db)
        second, _ = sent(db, now=NOW + A_SECOND)
        accepted(db, delegator=EPINOY, now=NOW + 2 * A_SECOND)
        assert [each.id for each in of_delegator(db, MARGELLE.id)] == [second.id, first.id]
        assert len(of_delegate(db, BRISELAME.id)) == 3
        assert of_delegate(db, MARGELLE.id) == []


def test_what_nobody_answered_is_closed_once_and_told(either: Store) -> None:
    with either.begin() as db:
        made, _ = sent(db)
        answered = accepted(db)
        assert lapse(db, NOW + FIFTEEN_DAYS - A_SECOND) == []
        assert lapse(db, NOW + FIFTEEN_DAYS) == [made]
        assert lapse(db, NOW + FIFTEEN_DAYS) == []
        assert (made.state, answered.state) == ("lapsed", "accepted")
        assert told(db)[-1] == ("mail", MARGELLE.email, "Invitation restée sans réponse")
