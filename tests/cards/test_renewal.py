"""A card lasts three years at most and is renewed a month before its end (CP-10, CP-11)."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from idp.cards.opposition import ReplacementRefused, oppose, order_replacement
from idp.cards.register import TransitionRefused
from idp.cards.renewal import deliver_cards, expire_cards, renew_due, take_over
from idp.cards.states import CardState
from idp.cards.uses import CARD_ENDED
from idp.provider import Provider, open_provider
from idp.store.models import (
    BrowserSession,
    Card,
    CardApproval,
    CardCertificate,
    Device,
    Grant,
    OutboxMessage,
    Pairing,
    PracticeActivity,
)
from idp.store.people import write_correction
from idp.worker.jobs import recurring_jobs
from tests.cards.rows import (
    CARD,
    PERSON,
    a_card,
    a_grant,
    a_pairing,
    a_phone,
    a_session,
    add,
    all_of,
    an_approval,
    events,
    its_certificates,
    the_card,
)

NEXT = "9799000002"
DAY = timedelta(days=1)


def near_its_end(provider: Provider, left: timedelta, **values: Any) -> Card:
    """A card that ends so soon; the sample's own cards are out of the way."""
    ends_at = provider.clock.now() + left
    starts_at = ends_at - provider.settings.card_lifetime
    return a_card(provider, starts_at=starts_at, ends_at=ends_at, **values)


def successors(provider: Provider, card_number: str = CARD) -> list[Card]:
    return [card for card in all_of(provider, Card) if card.renews == card_number]


# -- renewal -------------------------------------------------------------------------------------


def test_a_card_is_not_renewed_earlier_than_a_month_before_its_end(both: Provider) -> None:
    """CP-11."""
    add(both, near_its_end(both, both.settings.card_renewal_lead + DAY))
    renew_due(both)
    assert successors(both) == []


def test_a_card_is_renewed_within_the_month_before_its_end_once(both: Provider) -> None:
    """CP-11: the same activities, to be made and sent; the old one stays in use meanwhile."""
    add(both, near_its_end(both, both.settings.card_renewal_lead - DAY, activities=["a", "b"]))
    assert renew_due(both) >= 1
    assert renew_due(both) == 0
    (renewal,) = successors(both)
    assert (renewal.state, renewal.activities) == (CardState.COMMANDEE, ["a", "b"])
    assert (renewal.family, renewal.profession, renewal.version) == ("CPS", "10C", "CPS4")
    assert renewal.ends_at is None
    assert the_card(both).state == CardState.ACTIVE


def test_two_processes_that_renew_at_once_order_one_card(both: Provider) -> None:
    """CP-11: once, not twice."""
    add(both, near_its_end(both, DAY))
    others = [open_provider(both.settings) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(renew_due, [both, *others]))
    for other in others:
        other.store.close()
    assert len(successors(both)) == 1


def test_the_commands_of_two_processes_order_one_card(both: Provider, master_key: str) -> None:
    """CP-11: a job of the system's own beside the worker."""
    renew_due(both)
    add(both, near_its_end(both, DAY))
    command = [sys.executable, "-m", "idp.cli", "card", "renew-due", "--json"]
    given = {"ECPS_DATABASE_URL": both.settings.database_url, "ECPS_MASTER_KEY": master_key}
    processes = [
        subprocess.Popen(command, env=os.environ | given, stdout=subprocess.PIPE) for _ in range(2)
    ]
    told = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert sorted(one["ordered"] for one in told) == [0, 1]
    assert len(successors(both)) == 1


def test_renewal_goes_on_where_a_batch_ends(both: Provider) -> None:
    both.settings = both.settings.model_copy(update={"card_batch": 2})
    numbers = [f"979900010{n}" for n in range(5)]
    add(both, *(near_its_end(both, DAY, card_number=number) for number in numbers))
    renew_due(both)
    assert [len(successors(both, number)) for number in numbers] == [1] * 5


@pytest.mark.parametrize("state", sorted(set(CardState) - {CardState.ACTIVE, CardState.BLOQUEE}))
def test_only_a_card_in_use_is_renewed(provider: Provider, state: CardState) -> None:
    add(provider, near_its_end(provider, DAY, state=state))
    renew_due(provider)
    assert successors(provider) == []


def test_nobody_struck_off_gets_a_new_card(provider: Provider) -> None:
    """CP-11, EC-01."""
    add(provider, near_its_end(provider, DAY))
    now = provider.clock.now()
    with provider.store.begin() as db:
        write_correction(db, national_id=PERSON, struck_off=True, civil_identity=None, now=now)
    renew_due(provider)
    assert successors(provider) == []


def test_the_holder_of_a_renewed_card_is_told(provider: Provider) -> None:
    """CP-11."""
    renew_due(provider)
    before = len(all_of(provider, OutboxMessage))
    add(provider, near_its_end(provider, DAY))
    renew_due(provider)
    assert len(all_of(provider, OutboxMessage)) == before + 2


def test_the_activities_are_carried_by_the_card_that_was_ordered_last(provider: Provider) -> None:
    """CP-09."""
    with provider.store.begin() as db:
        row = db.query(PracticeActivity).filter_by(national_id=PERSON).first()
        assert row is not None
        row.card_number = CARD
    add(provider, near_its_end(provider, DAY))
    renew_due(provider)
    (renewal,) = successors(provider)
    carried = [row.card_number for row in all_of(provider, PracticeActivity)]
    assert renewal.card_number in carried
    assert CARD not in carried


# -- the end -------------------------------------------------------------------------------------


def test_a_card_at_its_end_expires_with_its_sessions(both: Provider) -> None:
    """CP-10."""
    session = a_session(both)
    under_way = a_pairing(both)
    add(both, near_its_end(both, timedelta(0)), session, a_grant(both, session), under_way)
    expire_cards(both)
    assert expire_cards(both) == 0
    assert the_card(both).state == CardState.EXPIREE
    assert all_of(both, BrowserSession)[0].ended_at is not None
    assert all_of(both, Grant)[0].revoked_at is not None
    assert all_of(both, Pairing)[0].end_reason == CARD_ENDED


def test_a_card_a_day_before_its_end_stays(both: Provider) -> None:
    """CP-10."""
    add(both, near_its_end(both, DAY))
    expire_cards(both)
    assert the_card(both).state == CardState.ACTIVE


def test_cards_expire_in_batches_and_a_card_that_is_over_is_left(both: Provider) -> None:
    both.settings = both.settings.model_copy(update={"card_batch": 2})
    numbers = [f"979900010{n}" for n in range(5)]
    add(
        both,
        near_its_end(both, -DAY, state=CardState.OPPOSEE),
        *(near_its_end(both, -DAY, card_number=number) for number in numbers),
    )
    assert expire_cards(both) >= 5
    assert {the_card(both, number).state for number in numbers} == {CardState.EXPIREE}
    assert the_card(both).state == CardState.OPPOSEE
    assert events(both, "cards:transition:refused") == []


def test_processes_that_expire_at_once_are_in_nobodys_way(both: Provider) -> None:
    numbers = [f"979900010{n}" for n in range(8)]
    add(both, *(near_its_end(both, -DAY, card_number=number) for number in numbers))
    expected = sum(card.state == CardState.ACTIVE for card in all_of(both, Card))
    others = [open_provider(both.settings) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(expire_cards, [both, *others]))
    for other in others:
        other.store.close()
    assert {the_card(both, number).state for number in numbers} == {CardState.EXPIREE}
    assert events(both, "cards:transition:refused") == []
    assert expected >= len(numbers)


def test_a_card_arrives_after_its_days_in_the_post(both: Provider) -> None:
    """CP-05."""
    posted = both.clock.now() - both.settings.card_postal_delay
    add(
        both,
        a_card(both, state=CardState.EXPEDIEE, state_at=posted),
        a_card(both, card_number=NEXT, state=CardState.EXPEDIEE, state_at=posted + DAY),
    )
    deliver_cards(both)
    assert the_card(both).state == CardState.RECUE_NON_ACTIVEE
    assert the_card(both, NEXT).state == CardState.EXPEDIEE


def test_the_job_renews_a_card_that_ended_while_no_worker_ran(both: Provider) -> None:
    """CP-11: a clock that jumps, or a worker that stood still, leaves nobody without a card."""
    add(both, near_its_end(both, -DAY))
    (job,) = [job for job in recurring_jobs(both) if job.name == "cards"]
    job.run(both)
    job.run(both)
    assert len(successors(both)) == 1
    assert the_card(both).state == CardState.EXPIREE


# -- the successor takes over --------------------------------------------------------------------


def test_the_old_card_is_replaced_when_the_new_one_is_activated(both: Provider) -> None:
    """CP-11: its certificates are superseded and its sessions end; the phones it paired stay."""
    session = a_session(both)
    other = a_session(both, card_number=NEXT)
    renewal = a_card(both, card_number=NEXT, renews=CARD)
    add(both, a_card(both), renewal, *its_certificates(both), session, other, an_approval(both))
    add(both, a_phone(both), *its_certificates(both, NEXT))
    with both.store.begin() as db:
        take_over(both, db, renewal)
    assert the_card(both).state == CardState.INVALIDEE
    assert the_card(both, NEXT).state == CardState.ACTIVE
    reasons = {row.card_number: row.revocation_reason for row in all_of(both, CardCertificate)}
    assert reasons == {CARD: "superseded", NEXT: None}
    assert {row.sid for row in all_of(both, BrowserSession) if row.ended_at} == {session.sid}
    assert all_of(both, CardApproval) == []
    assert [row.state for row in all_of(both, Device)] == ["active"]


@pytest.mark.parametrize("state", [CardState.OPPOSEE, CardState.EXPIREE])
def test_a_card_that_was_over_stays_what_it_was(provider: Provider, state: CardState) -> None:
    renewal = a_card(provider, card_number=NEXT, renews=CARD)
    add(provider, a_card(provider, state=state), renewal)
    with provider.store.begin() as db:
        take_over(provider, db, renewal)
    assert the_card(provider).state == state
    assert events(provider, "cards:transition:refused") == []


def test_a_renewal_lost_in_the_post_does_not_save_the_card_before_it(provider: Provider) -> None:
    """CP-13: the replacement of a replacement takes over from both."""
    replacement = a_card(provider, card_number="9799000003", renews=NEXT)
    lost = a_card(provider, card_number=NEXT, renews=CARD, state=CardState.OPPOSEE)
    add(provider, a_card(provider), lost, replacement)
    with provider.store.begin() as db:
        take_over(provider, db, replacement)
    assert the_card(provider).state == CardState.INVALIDEE


# -- replacement on request ----------------------------------------------------------------------


def replaced(provider: Provider) -> Card:
    with provider.store.begin() as db:
        return order_replacement(provider, db, CARD, actor="CPAM")


def test_a_loss_alone_orders_no_new_card(provider: Provider) -> None:
    """CP-13: a new card if needed."""
    add(provider, a_card(provider))
    with provider.store.begin() as db:
        oppose(provider, db, CARD, reason="perte")
    assert successors(provider) == []


@pytest.mark.parametrize("reason", ["perte", "vol", "dysfonctionnement"])
def test_a_new_card_is_ordered_on_request_once(both: Provider, reason: str) -> None:
    """CP-13."""
    add(both, a_card(both, activities=["a"]))
    with both.store.begin() as db:
        oppose(both, db, CARD, reason=reason)
    assert replaced(both).activities == ["a"]
    with both.store.begin() as db, pytest.raises(ReplacementRefused) as refused:
        order_replacement(both, db, CARD)
    assert refused.value.reason == "ordered_already"
    assert len(successors(both)) == 1
    assert len(events(both, "cards:transition:refused")) == 1


@pytest.mark.parametrize("reason", ["radiation", "deces", "cessation"])
def test_who_no_longer_practises_gets_no_new_card(provider: Provider, reason: str) -> None:
    """CP-13, EC-01."""
    add(provider, a_card(provider))
    with provider.store.begin() as db:
        oppose(provider, db, CARD, reason=reason)
    with provider.store.begin() as db, pytest.raises(ReplacementRefused):
        order_replacement(provider, db, CARD)


def test_a_card_in_use_and_one_that_is_none_are_not_replaced(provider: Provider) -> None:
    add(provider, a_card(provider))
    for number in (CARD, "9799999999"):
        with provider.store.begin() as db, pytest.raises(ReplacementRefused) as refused:
            order_replacement(provider, db, number)
        assert refused.value.reason == "not_opposed"
    assert len(events(provider, "cards:transition:refused")) == 2


def test_an_opposed_card_never_comes_back(provider: Provider) -> None:
    """CP-13: nor does time end it another way."""
    add(provider, near_its_end(provider, -DAY))
    with provider.store.begin() as db:
        oppose(provider, db, CARD, reason="perte")
    expire_cards(provider)
    assert the_card(provider).state == CardState.OPPOSEE
    with provider.store.begin() as db, pytest.raises(TransitionRefused):
        oppose(provider, db, CARD, reason="vol")
