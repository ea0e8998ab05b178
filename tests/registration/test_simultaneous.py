"""Steps taken at the same time: each happens once, and none is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from idp.cards import renewal
from idp.cards.renewal import renew_due
from idp.directory.importer import import_directory
from idp.provider import Provider
from idp.registration.employer import request_card
from idp.registration.steps import StepRefused, take
from idp.store.models import Card
from tests.directory.helpers import OPEN_SAMPLE
from tests.registration.helpers import (
    cards_of,
    carried,
    declared,
    ended,
    places_of,
    practise,
    recorded,
    registered,
)

AT_ONCE = 4


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    def outcome(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except StepRefused as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(outcome, acts))


def test_no_two_people_get_the_same_number(both: Provider) -> None:
    """CP-01."""
    given = at_once(*[lambda: registered(both)] * AT_ONCE)
    assert len(set(given)) == AT_ONCE


def test_a_step_taken_at_once_happens_once(both: Provider) -> None:
    """CP-04."""
    who = registered(both)
    activity_id = declared(both, who).activity_id
    for step in (recorded, carried):
        outcomes = at_once(*[lambda step=step: step(both, activity_id)] * AT_ONCE)
        assert sum(isinstance(one, StepRefused) for one in outcomes) == AT_ONCE - 1
    [card] = cards_of(both, who)
    assert card.activities == [activity_id]


def test_activities_carried_at_once_are_all_on_the_card(both: Provider) -> None:
    """CP-09."""
    who = registered(both)
    ids = [declared(both, who, raisonSocialeSite=f"C{n}").activity_id for n in range(AT_ONCE)]
    for activity_id in ids:
        recorded(both, activity_id)
    at_once(*[lambda one=one: carried(both, one) for one in ids])
    [card] = cards_of(both, who)
    assert sorted(card.activities) == sorted(ids)
    assert sorted(places_of(both, who)) == [f"C{n}" for n in range(AT_ONCE)]


def test_nothing_is_lost_between_two_generations(both: Provider) -> None:
    """Decision 36: what is carried while an import is put in force is in the directory after it."""
    who = registered(both)
    ids = [declared(both, who, raisonSocialeSite=f"C{n}").activity_id for n in range(AT_ONCE)]
    for activity_id in ids:
        recorded(both, activity_id)
    at_once(
        lambda: import_directory(both, OPEN_SAMPLE),
        *[lambda one=one: carried(both, one) for one in ids],
    )
    assert sorted(places_of(both, who)) == [f"C{n}" for n in range(AT_ONCE)]


def test_an_activity_carried_while_its_card_is_renewed_is_on_both(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CP-11, CP-12: the successor is ordered, and not yet to be seen, when the ANS carries on."""
    renew_due(both)
    who = registered(both)
    old = practise(both, who).card
    _in_use_to_its_end(both, old.card_number)
    added = declared(both, who, raisonSocialeSite="SECONDAIRE").activity_id
    recorded(both, added)
    carrying: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as pool:

        def carry_meanwhile(*_: Any, **__: Any) -> None:
            carrying.append(pool.submit(carried, both, added))
            wait(carrying, timeout=1)  # it comes to where it must wait for the renewal

        monkeypatch.setattr(renewal, "tell_contacts", carry_meanwhile)
        assert renew_due(both) == 1
        carrying[0].result(20)
    assert [len(card.activities) for card in cards_of(both, who)] == [2, 2]


def test_an_activity_that_ends_while_it_is_carried_is_carried_or_not(both: Provider) -> None:
    """CP-04: either step waits for the other, and neither for ever."""
    who = registered(both)
    practise(both, who)
    for place in range(6):
        name = declared(both, who, identifiantTechniqueDeLaStructure=f"R{place}").activity_id
        recorded(both, name)
        _, end = at_once(partial(carried, both, name), partial(ended, both, name))
        assert end.state == "ended"
        assert all(name not in card.activities for card in cards_of(both, who))


def test_an_employer_who_asks_twice_at_once_gets_one_card(both: Provider) -> None:
    """CSS R161-55: one card of a family."""
    who = "699700990015001/0000000001"

    def ask() -> Card:
        return take(
            both,
            lambda db: request_card(both, db, family="CPA", national_id=who, is_nominative=True),
        )

    at_once(*[ask] * AT_ONCE)
    assert len([card for card in cards_of(both, who) if card.family == "CPA"]) == 1


def _in_use_to_its_end(provider: Provider, card_number: str) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        db.execute(
            update(Card)
            .where(Card.card_number == card_number)
            .values(state="active", starts_at=now, ends_at=now + timedelta(days=1))
        )
