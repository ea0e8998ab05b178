"""The life of a card is one table: what is not in it is refused and recorded (domain 5)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from idp.cards.register import TransitionRefused, move
from idp.cards.states import FINAL, TRANSITIONS, CardAct, CardState
from idp.provider import Provider, open_provider
from idp.store.cards import find_card
from tests.cards.rows import CARD, a_card, add, events, the_card
from tests.conftest import fill, make_settings

# Written out once more, as domain 5 draws it: the table must say this and nothing else.
_S, _A = CardState, CardAct
IN_HAND = {_S.RECUE_NON_ACTIVEE, _S.ACTIVE, _S.BLOQUEE}
BEFORE = {_S.COMMANDEE, _S.EN_FABRICATION, _S.EXPEDIEE}
ALLOWED = (
    {
        (_A.MANUFACTURE, _S.COMMANDEE): _S.EN_FABRICATION,
        (_A.DISPATCH, _S.EN_FABRICATION): _S.EXPEDIEE,
        (_A.RECEIVE, _S.EXPEDIEE): _S.RECUE_NON_ACTIVEE,
        (_A.ACTIVATE, _S.RECUE_NON_ACTIVEE): _S.ACTIVE,
        (_A.BLOCK, _S.ACTIVE): _S.BLOQUEE,
        (_A.UNBLOCK, _S.BLOQUEE): _S.ACTIVE,
    }
    | {(_A.OPPOSE, state): _S.OPPOSEE for state in BEFORE | IN_HAND}
    | {(_A.EXPIRE, state): _S.EXPIREE for state in IN_HAND | {_S.EXPEDIEE}}
    | {(_A.REPLACE, state): _S.INVALIDEE for state in IN_HAND}
)
PAIRS = [(act, state) for act in CardAct for state in CardState]


@pytest.mark.parametrize(("act", "state"), PAIRS)
def test_every_pair_of_act_and_state_moves_as_drawn_or_is_refused_and_recorded(
    provider: Provider, act: CardAct, state: CardState
) -> None:
    """Issue of a card, CP-07, CP-10, CP-13: domain 5 as one table."""
    add(provider, a_card(provider, state=state))
    target = ALLOWED.get((act, state))
    if target is None:
        with provider.store.begin() as db, pytest.raises(TransitionRefused) as refused:
            move(provider, db, CARD, act)
        assert (refused.value.act, refused.value.state) == (act, state)
        assert the_card(provider).state == state
        (event,) = events(provider, "cards:transition:refused")
        assert (event.data["act"], event.data["state"]) == (act, state)
        assert event.outcome == "failure"
        assert events(provider, "cards:card:moved") == []
        return
    with provider.store.begin() as db:
        assert move(provider, db, CARD, act).state == target
    assert the_card(provider).state == target
    (event,) = events(provider, "cards:card:moved")
    assert (event.data["act"], event.data["state"]) == (act, target)


def test_the_table_is_the_one_that_is_drawn() -> None:
    table = {
        (act, state): transition.target
        for act, transition in TRANSITIONS.items()
        for state in transition.sources
    }
    assert table == ALLOWED


def test_no_act_leads_out_of_a_final_state() -> None:
    """CP-13: opposed, expired and replaced cards stay so."""
    assert {state for _, state in ALLOWED}.isdisjoint(FINAL)


def test_a_card_that_does_not_exist_is_refused_and_recorded(both: Provider) -> None:
    with both.store.begin() as db, pytest.raises(TransitionRefused):
        move(both, db, "9799999999", CardAct.OPPOSE)
    (event,) = events(both, "cards:transition:refused")
    assert event.data["state"] == "unknown"


class Life(RuleBasedStateMachine):
    """Any acts in any order: the card is where the drawing says, and final states are final."""

    provider: Provider

    @initialize()
    def order(self) -> None:
        self.state = CardState.COMMANDEE
        self.ended = False
        with self.provider.store.begin() as db:
            found = find_card(db, CARD)
            if found is not None:
                db.delete(found)
        add(self.provider, a_card(self.provider, state=self.state))

    @rule(act=st.sampled_from(list(CardAct)))
    def act(self, act: CardAct) -> None:
        expected = ALLOWED.get((act, self.state), self.state)
        with self.provider.store.begin() as db:
            try:
                moved = move(self.provider, db, CARD, act)
            except TransitionRefused:
                assert (act, self.state) not in ALLOWED
            else:
                assert moved.state == expected
        assert not (self.ended and expected != self.state)
        self.state = expected
        self.ended = expected in FINAL

    @invariant()
    def stands_where_drawn(self) -> None:
        assert the_card(self.provider).state == self.state


@pytest.fixture
def machine(tmp_path: Path, master_key: str) -> Iterator[type[Life]]:
    chosen = make_settings(f"sqlite:///{tmp_path / 'life.db'}", master_key)
    fill(chosen)
    Life.provider = open_provider(chosen)
    yield Life
    Life.provider.store.close()


def test_whatever_happens_in_whatever_order_the_table_holds(machine: type[Life]) -> None:
    """Domain 5."""
    case = machine.TestCase
    case.settings = settings(
        max_examples=20,
        stateful_step_count=15,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    case("runTest").runTest()
