"""What may be asked of a phone, and what is refused with words that help."""

from typing import Any

import pytest

from wallet_sim.behaviours import CATALOGUE, BehaviourRefused, Script, parse_behaviour
from wallet_sim.behaviours.card_catalogue import CARD_CATALOGUE


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("aprove", "no behaviour 'aprove': there are answer_twice, approve,"),
        ({"name": "approve"}, "no behaviour None"),
        ({"do": 3}, "no behaviour 3"),
        ({"do": "approve", "times": 2}, "approve has no parameter times: it takes none"),
        ({"do": "wrong_pin", "time": 2}, "wrong_pin has no parameter time: it takes times"),
        ({"do": "wrong_pin", "times": 4}, "wrong_pin: times is from 1 to 3"),
        ({"do": "wrong_pin", "times": 0}, "wrong_pin: times is from 1 to 3"),
        ({"do": "wrong_pin", "times": 1.5}, "wrong_pin: times is a whole number"),
        ({"do": "wrong_pin", "times": "2"}, "wrong_pin: times is a number"),
        ({"do": "wrong_pin", "times": True}, "wrong_pin: times is a number"),
        ({"do": "wrong_pin", "times": None}, "wrong_pin: times is a number"),
        ({"do": "delay", "seconds": -1}, "delay: seconds is from 0 to 604800"),
        ({"do": "delay", "seconds": float("nan")}, "delay: seconds is a number"),
        ({"do": "delay", "seconds": float("inf")}, "delay: seconds is a number"),
        ({"do": "tamper", "field": "nonce"}, "tamper: field is one of number, decision, roll,"),
        ({"do": "tamper", "field": ["number"]}, "tamper: field is one of"),
        ({"do": "tamper", "when": "never"}, "tamper: when is one of after_signing, before_signing"),
        ("random", "random: weights is an object"),
        ({"do": "random", "weights": {}}, "random: weights is an object"),
        ({"do": "random", "weights": {"aprove": 1}}, "'aprove' is none of the other behaviours"),
        ({"do": "random", "weights": {"random": 1}}, "'random' is none of the other behaviours"),
        ({"do": "random", "weights": {"approve": "1"}}, "the weight of approve is a number"),
        ({"do": "random", "weights": {"approve": -1}}, "the weight of approve is 0 or more"),
        ({"do": "random", "weights": {"approve": 0}}, "one weight at least is above 0"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_with_what_would(given: Any, said: str) -> None:
    with pytest.raises(BehaviourRefused) as refused:
        parse_behaviour(given)
    assert said in str(refused.value)


def test_a_phone_and_a_card_do_not_take_each_others_behaviours() -> None:
    with pytest.raises(BehaviourRefused):
        parse_behaviour("wrong_code")
    with pytest.raises(BehaviourRefused):
        Script(["wrong_pin"], "sign_in", catalogue=CARD_CATALOGUE)


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "random"])
def test_a_behaviour_is_written_as_it_is_read(name: str) -> None:
    behaviour = parse_behaviour(name)
    assert parse_behaviour(behaviour.as_json()) == behaviour
    assert behaviour.as_json()["do"] == name


def test_a_behaviour_does_not_change_once_it_is_made() -> None:
    given = {"do": "delay", "seconds": 3}
    behaviour = parse_behaviour(given)
    with pytest.raises(TypeError):
        behaviour.parameters["seconds"] = 4  # type: ignore[index]  # what is tested
    assert behaviour["seconds"] == 3.0
    assert str(behaviour) == "delay(seconds=3.0)"


def test_a_script_meets_each_request_in_order_and_then_the_same() -> None:
    script = Script(["refuse", {"do": "wrong_pin", "times": 2}], then="ignore")
    assert [str(script.next()) for _ in range(4)] == [
        "refuse",
        "wrong_pin(times=2)",
        "ignore",
        "ignore",
    ]


def test_steps_are_added_behind_those_that_are_still_to_come() -> None:
    script = Script(["refuse"])
    script.add("not_me", then="ignore")
    assert [script.next().name for _ in range(3)] == ["refuse", "not_me", "ignore"]


def test_a_refused_step_adds_nothing() -> None:
    script = Script(["refuse"])
    with pytest.raises(BehaviourRefused):
        script.add("not_me", "aprove", then="ignore")
    with pytest.raises(BehaviourRefused):
        script.add("not_me", then="aprove")
    assert [step.name for step in script.steps] == ["refuse"]
    assert script.then.name == "approve"


def test_cleared_steps_do_not_come() -> None:
    script = Script(["refuse", "not_me"])
    script.clear()
    assert script.next().name == "approve"


def drawn(seed: int | str, weights: dict[str, float]) -> list[str]:
    script = Script(then={"do": "random", "weights": weights}, seed=seed)
    return [script.next().name for _ in range(200)]


def test_a_seed_draws_the_same_however_the_weights_are_written() -> None:
    """Decision 43."""
    weights = {"approve": 8.0, "refuse": 1.0, "ignore": 1.0}
    turned = dict(reversed(weights.items()))
    assert drawn("a", weights) == drawn("a", turned)
    assert drawn("a", weights) != drawn("b", weights)


def test_weights_are_how_often() -> None:
    often = drawn(1, {"approve": 90, "refuse": 10, "ignore": 0})
    assert 150 < often.count("approve") < 200
    assert "ignore" not in often
