"""A profile is checked whole before anything is sent, and each fault says what to change."""

from pathlib import Path

import pytest

from tests.wallet.fleet.profiles import write
from wallet_sim.fleet.errors import ProfileRefused
from wallet_sim.fleet.profile import read_profile
from wallet_sim.fleet.schedule import behaviours_of, plan


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("count = 12", "count = 0"), "people.count: Input should be greater than or equal to 1"),
        (("count = 12", ""), "people.count: is missing"),
        (('pin = "each"', 'pin = "12ab"'), "people.pin"),
        (("threads = 4", "thread = 4"), "run.thread: there is no such member"),
        (("rate = 12", "rate = -1"), "arrival.constant.rate"),
        (("rate = 12", "rate = inf"), "arrival.constant.rate"),
        (('curve = "constant"', 'curve = "steep"'), "'constant', 'ramp', 'wave', 'burst'"),
        (("web = 0.5", "web = 0.5\nthink = [4, 1]"), "`think` is the shortest"),
        (("weight = 14", "weight = 0"), "mix.0.weight"),
        (("name =", "nam ="), "nam: there is no such member"),
        (('curve = "constant"\nrate = 12', 'curve = "ramp"\nfirst = 0\nlast = 0'), "above 0"),
    ],
    ids=lambda value: value[1].replace("\n", " ")[:24] if isinstance(value, tuple) else "",
)
def test_a_fault_of_a_profile_is_named_by_its_place(
    change: tuple[str, str], told: str, tmp_path: Path
) -> None:
    path = write(tmp_path, "http://localhost:8000", change)

    with pytest.raises(ProfileRefused) as refused:
        read_profile(path)

    assert told in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_service_without_any_way_in_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "http://localhost:8000", ("web = 0.5\nciba = 0.5", "web = 0\nciba = 0"))

    with pytest.raises(ProfileRefused, match="one of `web` and `ciba`"):
        read_profile(path)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text("name = ")

    with pytest.raises(ProfileRefused, match="is no TOML"):
        read_profile(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileRefused, match="cannot be read: No such file"):
        read_profile(tmp_path / "none.toml")


def test_an_authority_is_looked_for_beside_the_profile(tmp_path: Path) -> None:
    path = write(tmp_path, "https://idp.test", ("[people]", 'ca = "ca.pem"\n[people]'))

    with pytest.raises(ProfileRefused, match=r"provider.ca names .*ca.pem, which is no file"):
        read_profile(path)

    (tmp_path / "ca.pem").write_text("")
    assert read_profile(path).provider.ca == tmp_path / "ca.pem"


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ('do = "dance"', "no behaviour 'dance'"),
        ('do = "clone"', "clone is not for fleets"),
        ('do = "tamper"', "tamper is not for fleets"),
        ('do = "delay"\nseconds = 90', "seconds is at most 30"),
        ('do = "refuse"\ntimes = 2', "refuse has no parameter times"),
        ('do = "wrong_pin"\ntimes = 4', "times is from 1 to 3"),
    ],
    ids=lambda value: value.replace("\n", " ").replace('"', "") if "do" in value else "",
)
def test_a_behaviour_that_a_fleet_cannot_be_held_to_is_refused(
    behaviour: str, told: str, tmp_path: Path
) -> None:
    path = write(tmp_path, "http://localhost:8000", ('do = "approve"', behaviour))

    with pytest.raises(ProfileRefused, match=f"mix.0: .*{told}"):
        behaviours_of(read_profile(path))


def test_a_mix_that_locks_every_phone_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "http://localhost:8000", ('do = "approve"', 'do = "wrong_pin"\ntimes=3'))

    with pytest.raises(ProfileRefused, match="no phone is left"):
        plan(read_profile(path), range(12))


def test_an_arrival_without_a_sign_in_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "http://localhost:8000", ("rate = 12", "rate = 0.1"))

    with pytest.raises(ProfileRefused, match="asks for 0 sign-ins"):
        plan(read_profile(path), range(12))
