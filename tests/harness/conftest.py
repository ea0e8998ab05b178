"""One realm for all tests of a module that may share it."""

from collections.abc import Iterator

import pytest

from tests.harness.plain_service import ORIGIN
from wallet_sim.harness.clients import Client
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc
from wallet_sim.harness.running import RunningProvider


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture(scope="module")
def shared(psc_server: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Psc]:
    with Psc.in_realm(psc_server, tmp_path_factory.mktemp("shared")) as psc:
        yield psc


@pytest.fixture(scope="module")
def plain(shared: Psc) -> Client:
    return shared.client("plain", redirect_uris=[f"{ORIGIN}/callback"])


@pytest.fixture(scope="module")
def phone(shared: Psc) -> HeldPhone:
    return shared.phone(shared.person(family_name="DUPONT", card=True))
