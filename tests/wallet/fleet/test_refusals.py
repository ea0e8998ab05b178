"""What a fleet will not do, and how it says so."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from tests.conftest import BASE_URL
from tests.wallet.fleet.profiles import write
from tests.wallet.helpers import enrol
from wallet_sim.dev_provider import DevProvider
from wallet_sim.documents import Configuration
from wallet_sim.errors import CodeRefused, TooManyRequests
from wallet_sim.fleet.errors import PopulateFailed, ProviderUnfit
from wallet_sim.fleet.fleet import Fleet
from wallet_sim.fleet.measures import Measures
from wallet_sim.fleet.phones import Phones
from wallet_sim.fleet.populate import Populate
from wallet_sim.fleet.profile import read_profile
from wallet_sim.fleet.provider import require_simulation
from wallet_sim.fleet.state import open_state
from wallet_sim.fleet.wire import Wire, trust_of


@pytest.fixture
def configuration(app: Flask, tmp_path: Path) -> Configuration:
    """What the provider signs."""
    memory = enrol(app, tmp_path / "phone").memory()
    assert memory is not None
    return memory.configuration


def test_a_fleet_answers_for_nobody_who_is_real(configuration: Configuration) -> None:
    """Decision 3."""
    require_simulation(configuration)

    with pytest.raises(ProviderUnfit, match="people are real"):
        require_simulation(configuration.model_copy(update={"simulation": False}))


class RefusedPhone:
    """A phone that the provider refuses."""

    def __init__(self, refusal: Exception) -> None:
        self._refusal = refusal
        self.begun = 0

    def stage(self) -> str:
        return "empty"

    def start_enrolment(self, *_: str) -> None:
        self.begun += 1
        raise self._refusal

    def close(self) -> None:
        pass


def _populate(
    refusal: Exception, configuration: Configuration, folder: Path
) -> tuple[RefusedPhone, pytest.ExceptionInfo[Exception], Measures]:
    people = [{"national_id": f"8000000000{n:02d}", "email": "", "mobile": ""} for n in range(12)]
    made = httpx.MockTransport(lambda _: httpx.Response(201, json={"people": people}))
    phone = RefusedPhone(refusal)

    class Given(Phones):
        def empty_handed(self, _: Any) -> Any:
            return phone

    cost = configuration.policy.kdf.log2_n
    change = ("count = 12", f"count = 12\nkdf_log2_cost = {cost}")
    profile = read_profile(write(folder, BASE_URL, change))
    wire = Wire(trust_of(None), 1)
    with open_state(folder / "f.fleet") as state:
        dev = DevProvider(BASE_URL, "secret", transport=made)
        fleet = Fleet(profile, state, wire, Given(state, wire), Measures(), dev)
        with pytest.raises(Exception) as raised:  # noqa: PT011 - its class is what callers assert
            Populate(fleet, dev, lambda *_: None).run(configuration)
    wire.end()
    return phone, raised, fleet.measures


def test_a_limit_of_the_provider_ends_a_populate_with_the_settings_to_change(
    configuration: Configuration, tmp_path: Path
) -> None:
    refusal = TooManyRequests({"code": "too_many_requests", "detail": "later"})

    phone, raised, _ = _populate(refusal, configuration, tmp_path)

    assert raised.type is ProviderUnfit
    assert "start it with the settings of docs/testing/fleet.md" in str(raised.value)
    assert phone.begun <= 12, "nobody begins again against a limit"


def test_a_phone_is_given_up_after_three_activations_and_the_others_are_tried(
    configuration: Configuration, tmp_path: Path
) -> None:
    refusal = CodeRefused({"code": "code_refused", "detail": "wrong"})

    phone, raised, measures = _populate(refusal, configuration, tmp_path)

    assert raised.type is PopulateFailed
    assert "12 of 12 phones could not be activated" in str(raised.value)
    assert phone.begun == 36
    assert measures.errors["enrol: code_refused"] == 36
