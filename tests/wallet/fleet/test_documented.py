"""The documentation names what there is, and its profiles are profiles."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from idp.settings import Settings
from tests.wallet.fleet.conftest import shipped_settings
from wallet_sim.behaviours import CATALOGUE
from wallet_sim.fleet.consequences import read_behaviour
from wallet_sim.fleet.profile import Burst, Constant, People, Ramp, Run, Target, Wave, read_profile
from wallet_sim.fleet.schedule import plan

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "testing" / "fleet.md").read_text()
PROFILES = sorted((ROOT / "bench" / "fleet").glob("*.toml"))
PARTS: dict[str, list[type[BaseModel]]] = {
    "provider": [Target],
    "people": [People],
    "arrival": [Constant, Ramp, Wave, Burst],
    "run": [Run],
}


def _members() -> Iterator[str]:
    for name, models in PARTS.items():
        yield from sorted({f"{name}.{field}" for model in models for field in model.model_fields})


@pytest.mark.parametrize("member", list(_members()))
def test_every_member_of_a_profile_is_documented(member: str) -> None:
    assert f"`{member}`" in PAGE


def test_the_behaviours_of_fleets_are_those_that_are_documented() -> None:
    told = PAGE.partition("Behaviours that a fleet can be held to: ")[2].partition("The others, ")
    able, unable = (
        set(re.findall(r"`(\w+)`", part)) for part in (told[0], told[2].split("are")[0])
    )

    assert able | unable == set(CATALOGUE)
    for name in able:
        seconds = {"seconds": 5} if "seconds" in CATALOGUE[name].parameters else {}
        read_behaviour({"do": name, **seconds})
    for name in unable - {"random"}:
        with pytest.raises(ValueError, match="is not for fleets"):
            read_behaviour({"do": name})


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_ready_profile_can_be_run(path: Path) -> None:
    profile = read_profile(path)

    assert profile.name == path.stem
    assert plan(profile, range(profile.people.count))


def test_the_profile_of_the_page_can_be_run(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 1
    path = tmp_path / "profile.toml"
    path.write_text(blocks[0])

    assert plan(read_profile(path), range(200))


def test_the_settings_for_fleets_are_settings_and_are_explained() -> None:
    names = set(shipped_settings())

    for name in names:
        assert name in Settings.model_fields
    for name in names - {"log_level"}:
        assert f"`ECPS_{name.upper()}" in PAGE
