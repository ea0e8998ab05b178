"""A provider in a process of its own, and twelve people with phones."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving.running import RunningProvider, running_provider
from tests.wallet.fleet.commands import Command
from tests.wallet.fleet.profiles import write

SHIPPED = Path(__file__).parents[3] / "bench" / "fleet" / "provider.env"


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    """Serves fleets, with the settings that are shipped for it."""
    # Whoever ignores a request is waited for.
    lifetimes = {"web_challenge_lifetime": "PT8S", "ciba_lifetime": "PT8S"}
    with running_provider(
        tmp_path_factory.mktemp("provider"),
        options=("--single-process",),
        **(shipped_settings() | lifetimes),
    ) as running:
        yield running


def shipped_settings() -> dict[str, Any]:
    """What a shell reads from `bench/fleet/provider.env`."""
    told = subprocess.run(
        ["bash", "-c", f"set -a; . '{SHIPPED}'; env -0"],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    given = dict(line.split("=", 1) for line in told.split("\0") if "=" in line)
    settings = {name: value for name, value in given.items() if name.startswith("ECPS_")}
    return {name.removeprefix("ECPS_").lower(): value for name, value in settings.items()}


@pytest.fixture
def command(server: RunningProvider, tmp_path: Path) -> Command:
    """`ecps-wallet fleet` with a profile of twelve phones."""
    return Command(write(tmp_path, server.base_url), server.dev_secret)
