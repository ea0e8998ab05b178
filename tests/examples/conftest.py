"""Provider, phones and control, as the one command of the tutorials starts them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.architecture.imports import ROOT
from tests.ports import free_port
from wallet_sim.clock import monotonic, pause

EXAMPLES = ROOT / "examples"
SECRET = "only-for-the-examples"
_PATIENCE = 60


@pytest.fixture(scope="session")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of an example: where control is, and its secret."""
    home = tmp_path_factory.mktemp("control")
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if "ECPS" not in name}
    environment |= {
        "ECPS_CONTROL_SECRET": SECRET,
        "PSC_CONTROL": f"http://localhost:{port}/control/v1",
    }
    command = ["--home", str(home), "control", "--with-provider", "--provider-port", "0"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "wallet_sim.cli", *command, "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, f"http://localhost:{port}/healthz", home / "log")
        yield environment
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def run(command: list[str], environment: dict[str, str], folder: Path = ROOT) -> str:
    """What an example prints; it must succeed."""
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = monotonic() + _PATIENCE
    while monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url, trust_env=False).is_success:
                return
        pause(0.05)
    raise AssertionError(log.read_text("utf-8"))
