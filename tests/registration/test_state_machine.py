"""Whatever order the steps come in, only the right one changes anything (CP-04)."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from idp.provider import Provider, open_provider
from idp.registration.steps import StepRefused
from idp.store.models import Card, DirectoryPerson, PracticeActivity
from tests.conftest import make_settings
from tests.registration.helpers import carried, declared, ended, recorded, registered

NEXT = {"declared": "recorded", "recorded": "carried"}
PLACES = [f"R{number}" for number in range(3)]


class Chain(RuleBasedStateMachine):
    """A practitioner with up to three places, and a model of where each stands."""

    template: Path
    master_key: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "ecps.db")
        url = f"sqlite:///{self.folder / 'ecps.db'}"
        self.provider: Provider = open_provider(make_settings(url, self.master_key))
        self.who = registered(self.provider)
        self.states: dict[str, str] = {}
        self.ids: dict[str, str] = {}

    def teardown(self) -> None:
        self.provider.store.close()
        shutil.rmtree(self.folder)

    @rule(place=st.sampled_from(PLACES))
    def declare(self, place: str) -> None:
        if self.states.get(place) in {None, "ended"}:
            activity = declared(self.provider, self.who, identifiantTechniqueDeLaStructure=place)
            self.ids[place] = activity.activity_id
            self.states[place] = "declared"
        else:
            self.refused(
                lambda: declared(self.provider, self.who, identifiantTechniqueDeLaStructure=place)
            )

    @precondition(lambda self: self.ids)
    @rule(place=st.sampled_from(PLACES), step=st.sampled_from(["recorded", "carried"]))
    def go_on(self, place: str, step: str) -> None:
        act = {"recorded": recorded, "carried": carried}[step]
        activity_id = self.ids.get(place, "0" * 24)
        if NEXT.get(self.states.get(place, "")) == step:
            act(self.provider, activity_id)
            self.states[place] = step
        else:
            self.refused(lambda: act(self.provider, activity_id))

    @precondition(lambda self: self.ids)
    @rule(place=st.sampled_from(PLACES))
    def end(self, place: str) -> None:
        activity_id = self.ids.get(place, "0" * 24)
        if self.states.get(place) in {"declared", "recorded", "carried"}:
            ended(self.provider, activity_id)
            self.states[place] = "ended"
        else:
            self.refused(lambda: ended(self.provider, activity_id))

    def refused(self, act: Any) -> None:
        before = self.everything()
        with pytest.raises(StepRefused):
            act()
        assert self.everything() == before

    def everything(self) -> list[Any]:
        with self.provider.store.read() as db:
            return [
                [tuple(row) for row in db.execute(select(*model.__table__.columns))]
                for model in (PracticeActivity, Card, DirectoryPerson)
            ]

    @invariant()
    def the_card_and_the_directory_hold_what_is_carried(self) -> None:
        now = {self.ids[place] for place, state in self.states.items() if state == "carried"}
        with self.provider.store.read() as db:
            cards = list(db.scalars(select(Card).where(Card.national_id == self.who)))
            person = db.scalars(
                select(DirectoryPerson).where(DirectoryPerson.national_id == self.who)
            ).one()
        assert len(cards) <= 1
        assert {one for card in cards for one in card.activities} == now
        held = {a["identifiantTechniqueDeLaStructure"] for a in person.exercices[0]["activities"]}
        assert held == {place for place, state in self.states.items() if state == "carried"}


def test_no_other_order_of_the_steps_changes_anything(
    sqlite_template: Path, master_key: str
) -> None:
    """CP-04."""
    Chain.template, Chain.master_key = sqlite_template, master_key
    run_state_machine_as_test(
        Chain,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
