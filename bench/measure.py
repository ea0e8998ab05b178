"""A server's own CPU time, summed over its processes: what the figures of bench/ are made of."""

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

import httpx
import psutil

_LONGEST_START = 60.0
_LOOK_AGAIN = 0.01


@dataclass
class Server:
    """A running server and the processes it is made of."""

    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        root = psutil.Process(self.process.pid)
        times = [p.cpu_times() for p in [root, *root.children(recursive=True)]]
        return float(sum(t.user + t.system for t in times))

    def memory(self) -> int:
        root = psutil.Process(self.process.pid)
        return sum(p.memory_info().rss for p in [root, *root.children(recursive=True)])


@dataclass
class Report:
    """Milliseconds of the server's CPU per operation, by name."""

    figures: dict[str, float] = field(default_factory=dict)

    def measure(
        self, server: Server, name: str, operation: Callable[[], object], *, times: int
    ) -> None:
        """Run the operation in five rounds and keep the median round, in ms per operation."""
        for _ in range(max(3, times // 20)):
            operation()
        rounds = []
        for _ in range(5):
            before = server.cpu_seconds()
            for _ in range(times):
                operation()
            # Processor times are told in ticks of 10 ms: a round must last many of them.
            rounds.append((server.cpu_seconds() - before) * 1000 / times)
        self.figures[name] = round(median(rounds), 3)
        print(f"  {name:<44} {self.figures[name]:8.2f} ms CPU", file=sys.stderr)


@contextmanager
def running(
    command: list[str], *, answers_at: str, env: dict[str, str] | None = None
) -> Iterator[Server]:
    """Start a server and wait until it answers at an address."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    try:
        _wait(process, answers_at)
        yield Server(process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    give_up = time.monotonic() + _LONGEST_START
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"the server of {address} ended before it answered")
        with suppress(httpx.TransportError):
            if httpx.get(address, trust_env=False).is_success:
                return
        time.sleep(_LOOK_AGAIN)
    raise RuntimeError(f"nothing answers at {address}")


def cold_start(command: list[str], *, answers_at: str, env: dict[str, str] | None = None) -> float:
    """Seconds of wall time from the command to the first good answer."""
    began = time.monotonic()
    with running(command, answers_at=answers_at, env=env):
        return round(time.monotonic() - began, 2)


def print_report(figures: dict[str, object]) -> None:
    print(json.dumps({"python": platform.python_version()} | figures, indent=2))
