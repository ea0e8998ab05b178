"""Approvals by card in SQL, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from idp.cards.approvals import ApprovalGone, approve, take_approval
from idp.cards.judge import judge
from idp.cards.opposition import oppose
from idp.cards.refusals import CardBlocked
from idp.cards.states import CardState
from idp.provider import Provider
from idp.signin.sessions import open_session
from idp.store.expiry import delete_lapsed, lapsing_tables
from idp.store.models import Card, CardApproval
from tests.cards.helpers import HOLDER, issued_card
from tests.signin.helpers import (
    all_of,
    live_sessions,
)


def test_an_approval_is_taken_once_and_for_its_own_sign_in(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)
    with both.store.begin() as db:
        with pytest.raises(ApprovalGone):
            take_approval(both, db, completion, b"j" * 32)
        assert take_approval(both, db, completion, b"i" * 32).card_number == card.card_number
        with pytest.raises(ApprovalGone):
            take_approval(both, db, completion, b"i" * 32)


def test_a_card_that_left_its_use_is_not_held(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)
        db.execute(update(Card).values(state=CardState.BLOQUEE))
    with both.store.begin() as db, pytest.raises(CardBlocked):
        take_approval(both, db, completion, b"i" * 32)
    assert all_of(both, CardApproval) == []


def test_lapsed_approvals_are_deleted(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        approve(both, db, accepted, b"i" * 32)
    none = timedelta(0)
    (lapsing,) = [
        table
        for table in lapsing_tables(
            ticket_retention=none, code_retention=none, page_retention=none, act_retention=none
        )
        if table.table is CardApproval
    ]
    with both.store.begin() as db:
        now = both.clock.now()
        assert delete_lapsed(db, lapsing, now=now, limit=10) == 0
        assert delete_lapsed(db, lapsing, now=now + timedelta(seconds=61), limit=10) == 1


def test_an_opposition_at_the_same_moment_leaves_no_session(both: Provider) -> None:
    """CP-13, decision 32: whoever of the two comes second finds what the first one did."""
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)

    def oppose_it() -> None:
        with both.store.begin() as db:
            oppose(both, db, card.card_number, reason="vol")

    with ThreadPoolExecutor(1) as pool:
        with both.store.begin() as db:
            held = take_approval(both, db, completion, b"i" * 32)
            opposing = pool.submit(oppose_it)
            # It waits for the card that is held, however long this takes.
            with pytest.raises(TimeoutError):
                opposing.result(0.3)
            person = held.national_id
            open_session(
                both,
                db,
                previous=None,
                account_id="account",
                national_id=person,
                means="CARD",
                device_id=None,
                card=held,
            )
        opposing.result(20)
    assert live_sessions(both) == []
