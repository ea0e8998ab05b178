"""Fixtures for services that sign people in with Pro Santé Connect (docs/testing/pytest.md).

    def test_sign_in(psc, live_server):
        psc.client("my-app", redirect_uris=[f"{live_server}/callback"])
        login = psc.login(f"{live_server}/login", psc.person())
        assert login.status == 200

Every pytest session of an environment loads this module: it imports nothing until a fixture is
asked for, and no provider is started for tests that ask for none.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wallet_sim.harness.psc import Psc
    from wallet_sim.harness.running import RunningProvider

_URL_VARIABLE = "PSC_URL"
_SECRET_VARIABLE = "ECPS_DEV_SECRET"  # noqa: S105 - the name of a variable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line and of the configuration file."""
    group = parser.getgroup("psc", "Pro Santé Connect")
    group.addoption(
        "--psc-url",
        default=os.environ.get(_URL_VARIABLE, ""),
        metavar="URL",
        help=f"Use the --dev provider that runs there; also {_URL_VARIABLE}. Else each test "
        "process starts its own when a test asks for it.",
    )
    group.addoption(
        "--psc-secret",
        default="",
        metavar="SECRET",
        help=f"Start-up secret of the provider at --psc-url; better in {_SECRET_VARIABLE}.",
    )
    group.addoption(
        "--psc-ca",
        type=Path,
        metavar="FILE",
        help="Authority of the TLS of the provider at --psc-url (PEM), for cards and mutual TLS.",
    )
    profile = "Profile of the provider that is started: psc or strict."
    parser.addini("psc_profile", profile, default="")
    parser.addini(
        "psc_settings",
        "Settings of the provider that is started, one `name = value` a line.",
        type="linelist",
        default=[],
    )


@pytest.fixture(scope="session")
def psc_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[RunningProvider]":
    """The provider of all tests of this process: the one at `--psc-url`, or one of its own."""
    from wallet_sim.harness.running import RunningProvider, start_provider  # noqa: PLC0415 - late

    settings = _settings(pytestconfig)
    url: str = pytestconfig.getoption("psc_url")
    if not url:
        with start_provider(tmp_path_factory.mktemp("psc"), settings) as provider:
            yield provider
        return
    secret = pytestconfig.getoption("psc_secret") or os.environ.get(_SECRET_VARIABLE, "")
    if not secret:
        raise pytest.UsageError(
            f"--psc-url needs the provider's start-up secret: set {_SECRET_VARIABLE}"
        )
    if settings:
        raise pytest.UsageError(
            "psc_profile and psc_settings are for a provider that is started here; the one at "
            "--psc-url has its own: leave them out (-o psc_profile= -o psc_settings=)"
        )
    yield RunningProvider(url.rstrip("/"), secret, pytestconfig.getoption("psc_ca"))


@pytest.fixture
def psc(psc_server: "RunningProvider", tmp_path: Path) -> "Iterator[Psc]":
    """A Pro Santé Connect of this test's own: people, services, keys and clock (`Psc`)."""
    with _realm(psc_server, tmp_path) as psc:
        yield psc


@pytest.fixture(scope="session")
def psc_session(
    psc_server: "RunningProvider", tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Psc]":
    """A Pro Santé Connect that lasts for the session, for what is dear to set up (`Psc`)."""
    with _realm(psc_server, tmp_path_factory.mktemp("psc-session")) as psc:
        yield psc


def _realm(server: "RunningProvider", folder: Path) -> "AbstractContextManager[Psc]":
    from wallet_sim.harness.psc import Psc  # noqa: PLC0415 - late

    return Psc.in_realm(server, folder / "psc")


def _settings(config: pytest.Config) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in config.getini("psc_settings"):
        name, equals, value = line.partition("=")
        if not equals:
            raise pytest.UsageError(f"psc_settings: {line!r} is no `name = value`")
        found[name.strip()] = _value(value.strip())
    profile: str = config.getini("psc_profile")
    return found | ({"profile": profile} if profile else {})


def _value(text: str) -> Any:
    """A number, `true`, a list or a quoted text as JSON has it; else the text as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text
