"""A real database demands its operator's choices and refuses what a simulation may (decision 1)."""

from pathlib import Path
from typing import Any

import pytest

from idp.directory.sample import SampleRefused, load_sample
from idp.keys.sealing import MasterKeyMissing
from idp.outbox.reading import OutboxOfRealDatabase, read_outbox
from idp.provider import ProviderNotReady, initialise, open_provider
from idp.settings import Settings

CHOICES: dict[str, Any] = {
    "profile": "strict",
    "base_url": "https://auth.exemple.test",
    "master_key": "A" * 43,
    "smtp_url": "smtp://mail.exemple.test",
    "sms_url": "https://sms.exemple.test/send",
}


def chosen(tmp_path: Path, *, without: str = "", **changes: Any) -> Settings:
    values = {name: value for name, value in CHOICES.items() if name != without}
    return Settings(**(values | changes | {"database_url": f"sqlite:///{tmp_path}/real.db"}))


@pytest.mark.parametrize("without", ["profile", "base_url", "smtp_url", "sms_url"])
def test_a_choice_that_was_not_made_is_named(tmp_path: Path, without: str) -> None:
    with pytest.raises(ProviderNotReady, match=without):
        initialise(chosen(tmp_path, without=without), kind="real")
    assert not (tmp_path / "real.db").exists()


def test_its_keys_are_sealed_by_a_key_that_somebody_keeps(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match="ECPS_MASTER_KEY"):
        initialise(chosen(tmp_path, without="master_key"), kind="real")
    assert list(tmp_path.glob("*.key")) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dev": True, "dev_secret": "start-up"}, "dev"),
        ({"sms_only_enrolment": True}, "sms_only_enrolment"),
        ({"kdf_log2_cost": 13}, "kdf_log2_cost"),
        ({"kdf_log2_cost": 10}, "decision 22"),
    ],
)
def test_what_only_a_simulation_may_do_is_refused_at_birth_and_at_each_start(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ProviderNotReady, match=said):
        initialise(chosen(tmp_path, **changes), kind="real")
    initialise(chosen(tmp_path), kind="real")
    with pytest.raises(ProviderNotReady, match=said):
        open_provider(chosen(tmp_path, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"base_url": "https://other.exemple.test"}, "issuer"), ({"profile": "psc"}, "profile")],
)
def test_issuer_and_profile_stay_as_they_were_born(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    initialise(chosen(tmp_path), kind="real")
    with pytest.raises(ProviderNotReady, match=f"born with {said}"):
        open_provider(chosen(tmp_path, **changes))


def test_a_carrier_taken_away_later_stops_the_start(tmp_path: Path) -> None:
    initialise(chosen(tmp_path), kind="real")
    with pytest.raises(ProviderNotReady, match="smtp_url"):
        open_provider(chosen(tmp_path, without="smtp_url"))


def test_it_never_becomes_a_simulation(tmp_path: Path) -> None:
    initialise(chosen(tmp_path), kind="real")
    with pytest.raises(ProviderNotReady, match="born real"):
        initialise(chosen(tmp_path), kind="simulation")


def test_it_holds_no_sample_people_and_shows_nobody_its_outbox(tmp_path: Path) -> None:
    initialise(chosen(tmp_path), kind="real")
    provider = open_provider(chosen(tmp_path))
    with pytest.raises(SampleRefused):
        load_sample(provider)
    with pytest.raises(OutboxOfRealDatabase):
        read_outbox(provider, recipients=None)
    provider.store.close()
