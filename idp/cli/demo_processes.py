"""The processes of the demonstration: each its own, each gone when it ends."""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from idp.clock import monotonic

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_LOOK_AGAIN = 0.2
_TAIL = 15


class DidNotStart(Exception):
    """A process ended, or did not answer in time; the message holds the end of its log."""


@dataclass
class Program:
    """One running process and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def wait_until(self, url: str) -> None:
        """Wait until the program answers at the address with anything but an error of its own.

        Raises:
            DidNotStart: it ended, or did not answer in time.
        """
        deadline = monotonic() + _START_SECONDS
        while monotonic() < deadline:
            if self.process.poll() is not None:
                raise DidNotStart(f"{self.name} ended at once:\n{self.tail()}")
            if _answers(url):
                return
            try:
                self.process.wait(_LOOK_AGAIN)
            except subprocess.TimeoutExpired:
                continue
        raise DidNotStart(f"{self.name} does not answer at {url}:\n{self.tail()}")

    def tail(self) -> str:
        """The end of what it wrote."""
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-_TAIL:])

    def stop(self) -> None:
        """End the process and everything it started."""
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(name: str, arguments: list[str], *, folder: Path, environment: dict[str, str]) -> Program:
    """Start a Python module in a session of its own, so that it is ended in order by us alone."""
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own modules, no shell
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_inherited() | environment,
            start_new_session=True,
        )
    return Program(name, process, log)


def run(arguments: list[str], *, environment: dict[str, str], typed: str = "") -> str:
    """Run a command of ours to its end; gives what it printed.

    Raises:
        DidNotStart: it failed; the message holds what it said.
    """
    done = subprocess.run(  # noqa: S603 - our own modules, no shell
        [sys.executable, "-m", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        env=_inherited() | environment,
        check=False,
    )
    if done.returncode:
        raise DidNotStart(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


def _inherited() -> dict[str, str]:
    # Settings of another provider must not reach the demonstration's.
    return {name: value for name, value in os.environ.items() if not name.startswith("ECPS_")} | {
        "PYTHONUNBUFFERED": "1"
    }


def _answers(url: str) -> bool:
    try:
        status = httpx.get(url, trust_env=False, timeout=5).status_code
    except httpx.TransportError:
        return False
    return status < httpx.codes.INTERNAL_SERVER_ERROR
