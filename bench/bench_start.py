"""Time and CPU from nothing to an answer: a server's start, and an issuer made on demand.

    python bench/bench_start.py --runs 5

The start is `ecps-idp serve --dev` from an empty folder until `/readyz` says yes, in both forms.
CPU is that of all its processes; on a machine that does other work compare it with `reference`: a
process that does nothing but load the provider.
"""

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import psutil

from idp.clock import monotonic

FORMS = {"ordinary": (), "single process": ("--single-process",)}
SECRET = "start-up-secret-of-a-measurement"
REALMS = 10
_PAUSE = 0.01


def reference() -> dict[str, float]:
    """Loading the provider's modules."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = monotonic()
    subprocess.run([sys.executable, "-c", "import idp, idp.cli.serve"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": monotonic() - began, "cpu": cpu}


def start(options: tuple[str, ...]) -> dict[str, float]:
    """One start; in one process also the making of issuers."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        serve = [sys.executable, "-m", "idp.cli", "serve", "--dev", "--port-base", "0"]
        began = monotonic()
        server = subprocess.Popen(
            [*serve, "--ready-file", str(ready), *options],
            cwd=folder,
            env=os.environ | {"ECPS_DEV_SECRET": SECRET},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            while not ready.exists():
                _pause(server)
            figures = {"seconds": monotonic() - began, "cpu": cpu_of(server.pid)}
            figures["MB"] = memory_of(server.pid)
            if options:
                figures |= realms(server.pid, json.loads(ready.read_text())["base_url"])
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    return figures


def realms(pid: int, base_url: str) -> dict[str, float]:
    """What an issuer made on demand costs, once the first has prepared the copy."""
    ask(f"{base_url}/r/first/readyz")
    cpu, memory = cpu_of(pid), memory_of(pid)
    for number in range(REALMS):
        ask(f"{base_url}/r/job-{number}/readyz")
    return {
        "cpu an issuer": (cpu_of(pid) - cpu) / REALMS,
        "MB an issuer": (memory_of(pid) - memory) / REALMS,
    }


def ask(address: str) -> None:
    with urllib.request.urlopen(address, timeout=60) as answer:
        answer.read()


def cpu_of(pid: int) -> float:
    used: float = sum(sum(each.cpu_times()[:2]) for each in family(pid))
    return used


def memory_of(pid: int) -> float:
    held: float = sum(each.memory_info().rss for each in family(pid)) / 1e6
    return held


def family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def _pause(server: "subprocess.Popen[bytes]") -> None:
    try:
        server.wait(_PAUSE)
    except subprocess.TimeoutExpired:
        return
    raise SystemExit("the server ended before it answered")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    runs = options.parse_args().runs
    found = {"reference": [reference() for _ in range(runs)]}
    for name, form in FORMS.items():
        found[name] = [start(form) for _ in range(runs)]
    for name, figures in found.items():
        medians = {key: statistics.median(each[key] for each in figures) for key in figures[0]}
        print(name, *(f"{key} {value:.2f}" for key, value in medians.items()), sep="  ")


if __name__ == "__main__":
    main()
