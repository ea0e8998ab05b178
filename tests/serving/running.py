"""A provider that really runs: `ecps-idp serve --dev` in processes of its own, on free ports.

with running_provider(tmp_path) as provider:
    httpx.get(f"{provider.base_url}/readyz")
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import httpx
from click.testing import CliRunner

from idp.cli import main
from idp.clock import Clock
from tests.ports import answers

DEV_SECRET = "start-up-secret-of-a-running-provider"
# Below the kernel's ephemeral ports, so that no outgoing connection takes one meanwhile.
_FIRST, _LAST, _STEP = 20000, 32000, 10
_START_SECONDS = 120
_STOP_SECONDS = 20
_ENDED_WITH_US = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the command that follows; Linux ends it with the tests, also where those are killed."""
# Time stands still for tests of a provider in their own process; this one's passes.
_passing_time = Clock.now


@dataclass
class RunningProvider:
    base_url: str
    dev_secret: str
    database_url: str
    port_base: int
    process: subprocess.Popen[bytes]
    log: Path
    ports: tuple[int, ...]
    """What must answer before it is ready."""

    @property
    def issuer(self) -> str:
        return f"{self.base_url}/auth/realms/esante-wallet"

    @property
    def dev_headers(self) -> dict[str, str]:
        return {"Ecps-Dev-Secret": self.dev_secret}

    def move_clock(self, seconds: float) -> None:
        """Let time pass in the simulation."""
        httpx.post(
            f"{self.base_url}/dev/v1/clock",
            json={"advance": seconds},
            headers=self.dev_headers,
            trust_env=False,
        ).raise_for_status()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it as an operator would; gives the exit status."""
        self.process.send_signal(number)
        try:
            return self.process.wait(_STOP_SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def command(self, *arguments: str) -> str:
        """Run `ecps-idp` on its database, here and at the time it is; gives what it printed."""
        # None takes a variable away.
        alone = {name: None for name in os.environ if name.startswith("ECPS_")}
        with mock.patch.object(Clock, "now", _passing_time):
            done = CliRunner().invoke(
                main, [*arguments, "--database-url", self.database_url], env=alone
            )
        assert done.exit_code == 0, done.output
        return done.stdout


def free_port_base() -> int:
    """A base whose ports B to B+8 nobody listens on; each test process looks elsewhere."""
    bases = range(_FIRST, _LAST, _STEP)
    start = os.getpid() * 7 % len(bases)
    for offset in range(len(bases)):
        base = bases[(start + offset) % len(bases)]
        if all(_is_free(base + port) for port in range(9)):
            return base
    raise AssertionError("no free ports")


def start_provider(
    folder: Path, options: tuple[str, ...] = (), port_base: int = 0, /, **settings: object
) -> RunningProvider:
    """Start it; ``settings`` go through the environment, as an operator gives them."""
    base = port_base or free_port_base()
    database_url = f"sqlite:///{folder / 'ecps.db'}"
    values = {"DEV_SECRET": DEV_SECRET, "DATABASE_URL": database_url, "KDF_LOG2_COST": "10"}
    values |= {name.upper(): str(value) for name, value in settings.items()}
    log = folder / "serve.log"
    with_us = [sys.executable, "-ISc", _ENDED_WITH_US, str(os.getpid())]
    serve = [sys.executable, "-m", "idp.cli", "serve", "--dev", "--port-base", str(base)]
    command = [*with_us, *serve]
    if "--console" not in options:  # a process less, in most tests
        command.append("--no-console")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options],
            env=environment({f"ECPS_{name}": value for name, value in values.items()}),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://localhost:{base}"
    more = {"--tls": base + 4, "--console": base + 7}
    ports = (base, base + 5, *(port for option, port in more.items() if option in options))
    return RunningProvider(url, DEV_SECRET, values["DATABASE_URL"], base, process, log, ports)


@contextlib.contextmanager
def running_provider(
    folder: Path, *, options: tuple[str, ...] = (), port_base: int = 0, **settings: object
) -> Iterator[RunningProvider]:
    """A provider that answers while the block runs, and leaves no process behind."""
    provider = start_provider(folder, options, port_base, **settings)
    try:
        wait_until_ready(provider)
        yield provider
    finally:
        if provider.process.poll() is None:
            provider.stop()


def wait_until_ready(provider: RunningProvider) -> None:
    pause = threading.Event()
    for _ in range(_START_SECONDS * 5):
        if provider.process.poll() is not None:
            break
        if all(answers(port) for port in provider.ports) and _is_ready(provider.base_url):
            return
        pause.wait(0.2)
    raise AssertionError(f"the provider did not start:\n{provider.log.read_text()}")


def _is_ready(base_url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{base_url}/readyz", trust_env=False).status_code == httpx.codes.OK
    return False


def environment(values: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECPS_")}
    return kept | values


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
