"""The control server before a provider that runs; each test has a realm of its own."""

import secrets
from collections.abc import Iterator

import pytest

from tests.control.helpers import SECRET, Control
from wallet_sim.cli.listening import LOOPBACK
from wallet_sim.control_server.app import ControlServer
from wallet_sim.control_server.desk import Desks
from wallet_sim.door import Door
from wallet_sim.harness.running import RunningProvider


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture(scope="module")
def server(
    psc_server: RunningProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlServer]:
    folder = tmp_path_factory.mktemp("control")
    desks = Desks(psc_server.base_url, psc_server.secret, folder, psc_server.ca)
    yield ControlServer(Door(SECRET, LOOPBACK), desks)
    desks.close()


@pytest.fixture(scope="module")
def shared(server: ControlServer) -> Iterator[Control]:
    """A realm for all tests of a module that may share it."""
    with _in_realm(server) as control:
        yield control


@pytest.fixture
def control(server: ControlServer) -> Iterator[Control]:
    with _in_realm(server) as control:
        yield control


def _in_realm(server: ControlServer) -> "_Realm":
    return _Realm(server, f"control-{secrets.token_hex(6)}")


class _Realm:
    def __init__(self, server: ControlServer, name: str) -> None:
        self._root = Control(server)
        self._control = Control(server, name)

    def __enter__(self) -> Control:
        self._control.told("GET", "place")
        return self._control

    def __exit__(self, *_: object) -> None:
        self._root.done("DELETE", f"realms/{self._control.realm}")
