"""A schedule is drawn by the seed before anything begins (decision 43)."""

from collections import Counter
from pathlib import Path

import pytest

from tests.wallet.fleet.profiles import write
from wallet_sim.fleet.arrivals import expected
from wallet_sim.fleet.profile import Profile, read_profile
from wallet_sim.fleet.schedule import Planned, plan

_ARRIVAL = 'curve = "constant"\nrate = 12'


def _profile(folder: Path, *changes: tuple[str, str]) -> Profile:
    return read_profile(write(folder, "http://localhost:8000", *changes))


def _shape(planned: list[Planned]) -> list[tuple[float, int, str, str]]:
    return [(one.at, one.phone, one.way, str(one.behaviour)) for one in planned]


def test_the_same_seed_draws_the_same_schedule_and_another_another(tmp_path: Path) -> None:
    profile = _profile(tmp_path)
    other = profile.model_copy(update={"seed": 8})

    assert _shape(plan(profile, range(12))) == _shape(plan(profile, range(12)))
    assert _shape(plan(profile, range(12))) != _shape(plan(other, range(12)))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_shares_are_met_exactly_whatever_the_seed(seed: int, tmp_path: Path) -> None:
    profile = _profile(tmp_path).model_copy(update={"seed": seed})

    planned = plan(profile, range(12))

    assert Counter(one.way for one in planned) == {"web": 12, "ciba": 12}
    assert Counter(str(one.behaviour) for one in planned) == {
        "approve": 14,
        "refuse": 2,
        "not_me": 1,
        "wrong_pin(times=1)": 2,
        "wrong_pin(times=3)": 1,
        "wrong_number": 1,
        "replay": 1,
        "lose_answer": 1,
        "ignore": 1,
    }


def test_a_phone_that_its_behaviour_puts_out_signs_in_no_more(tmp_path: Path) -> None:
    planned = plan(_profile(tmp_path), range(12))

    locked = next(one for one in planned if one.must.left == "locked")

    assert all(one.phone != locked.phone for one in planned[locked.number + 1 :])


def test_every_phone_signs_in_before_one_does_so_again(tmp_path: Path) -> None:
    planned = plan(_profile(tmp_path), range(12))

    assert len({one.phone for one in planned[:12]}) == 12


@pytest.mark.parametrize(
    ("arrival", "quiet", "busy"),
    [
        ('curve = "ramp"\nfirst = 0\nlast = 40', (0.0, 0.5), (1.5, 2.0)),
        ('curve = "wave"\nrate = 20\nswing = 1.0\nperiod = 2', (0.0, 0.2), (0.9, 1.1)),
        ('curve = "burst"\nrate = 2\nsize = 18\nevery = 1', (0.01, 0.99), (1.0, 1.001)),
    ],
    ids=["ramp", "wave", "burst"],
)
def test_sign_ins_begin_as_the_curve_says(
    arrival: str, quiet: tuple[float, float], busy: tuple[float, float], tmp_path: Path
) -> None:
    profile = _profile(tmp_path, (_ARRIVAL, arrival), ("times = 3", "times = 2"))

    times = [one.at for one in plan(profile, range(12))]

    assert times == sorted(times)
    assert len(times) == expected(profile.arrival, profile.run.duration) == 40
    assert sum(quiet[0] <= at < quiet[1] for at in times) < sum(
        busy[0] <= at < busy[1] for at in times
    )
    assert all(0 <= at <= profile.run.duration for at in times)
