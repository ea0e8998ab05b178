"""A number that is typed and not picked, as `strict` has it (decision 29)."""

import pytest

from idp.settings import Settings
from tests.conftest import make_settings
from tests.wallet.behaviours.helpers import Scene


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, number_mode="typed")


@pytest.mark.parametrize(
    ("behaviour", "outcome", "told"),
    [("wrong_number", "wrong_number", "access_denied"), ("approve", "approved", "tokens")],
)
def test_a_number_is_typed_as_it_is_picked(
    scene: Scene, behaviour: str, outcome: str, told: str
) -> None:
    scene.phone.on_challenge(behaviour)
    asked = scene.ask()
    matching = scene.phone.phone.pending()[0].number
    assert matching is not None
    assert matching.mode == "typed"
    (acted,) = scene.phone.react()
    assert acted.outcome == outcome
    assert scene.answer_to(asked) == told
