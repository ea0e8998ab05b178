"""What a run is judged by can fail: lost answers, locks, figures."""

from pathlib import Path

from tests.wallet.fleet.profiles import write
from wallet_sim.behaviours import Acted, parse_behaviour
from wallet_sim.fleet.consequences import Seen
from wallet_sim.fleet.locks import HeldOfPhone, mismatches, must_hold
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.profile import read_profile
from wallet_sim.fleet.report import Cpu, describe
from wallet_sim.fleet.run import Ran
from wallet_sim.fleet.schedule import Planned
from wallet_sim.fleet.signing import Signed
from wallet_sim.fleet.table import lines


def _signed(seen: Seen | str, outcome: str, behaviour: object = "approve") -> Signed:
    planned = Planned(0, 0.0, 0, "web", parse_behaviour(behaviour), 0.0)  # type: ignore[arg-type]
    acted = Acted("c", planned.behaviour, outcome)
    return Signed(planned, seen, acted)  # type: ignore[arg-type]


def test_an_approval_whose_service_got_nothing_is_lost(tmp_path: Path) -> None:
    ran = Ran(signed=[_signed("expired", "approved"), _signed("failed", "approved")], checked=1)

    report = describe(
        read_profile(write(tmp_path)), Measures(), None, ran, Cpu(fleet=1.0, provider=None)
    )

    assert report["run"]["lost_answers"] == 2
    assert report["good"] is False
    assert "Lost answers: 2" in list(lines(report))


def test_a_phone_that_never_learned_what_became_of_its_answer_is_lost(tmp_path: Path) -> None:
    ran = Ran(signed=[_signed("approved", "approved")], still_lost=["899700990015"])

    assert not ran.is_good


def test_a_refusal_and_an_approval_that_came_are_not_lost() -> None:
    assert not _signed("refused", "refused", "refuse").is_lost
    assert not _signed("approved", "approved").is_lost
    assert not _signed("refused", "wrong_number", "wrong_number").is_lost


def test_three_wrong_pins_must_leave_a_locked_phone() -> None:
    must = must_hold(_signed("refused", "wrong_pin", {"do": "wrong_pin", "times": 3}).planned.must)

    assert must == HeldOfPhone("locked", 3)
    assert mismatches([("p", must, HeldOfPhone("fit", 0)), ("q", must, must)])[0].national_id == "p"


def test_percentiles_are_times_that_were_taken() -> None:
    measures = Measures()
    for milliseconds in range(1, 101):
        measures.add("step", milliseconds / 1000)

    told = measures.latencies()["step"]

    assert (told.count, told.longest) == (100, 0.1)
    assert told.percentiles == {50: 0.05, 95: 0.095, 99: 0.099}
