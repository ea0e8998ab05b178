"""`serve --dev --single-process`: the whole of a simulation in one process, for tests."""

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.ports import loopback_addresses
from tests.serving.running import DEV_SECRET, environment

pytestmark = pytest.mark.slow

_READY_SECONDS = 60
_HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}


@dataclass
class Single:
    process: subprocess.Popen[bytes]
    told: dict[str, Any]
    file: Path
    log: Path

    @property
    def base_url(self) -> str:
        return str(self.told["base_url"])

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return httpx.request(
            method,
            self.base_url + path,
            json=body,
            headers=_HEADERS,
            trust_env=False,
            timeout=30,
        )


def command(folder: Path, *options: str) -> list[str]:
    serve = [sys.executable, "-m", "idp.cli", "serve", "--dev", "--single-process"]
    return [*serve, "--database-url", f"sqlite:///{folder / 'ecps.db'}", *options]


def quick() -> dict[str, str]:
    return environment({"ECPS_DEV_SECRET": DEV_SECRET, "ECPS_KDF_LOG2_COST": "10"})


@contextmanager
def single(folder: Path, *options: str, before: tuple[str, ...] = ()) -> Iterator[Single]:
    """One that answers; nothing of it is left afterwards."""
    file, log = folder / "ready.json", folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*before, *command(folder, "--port", "0", "--ready-file", str(file), *options)],
            env=quick(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(file, process, log)
        yield Single(process, json.loads(file.read_text()), file, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(file: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    for _ in range(_READY_SECONDS * 20):
        if file.exists():
            return
        assert process.poll() is None, log.read_text()
        pause.wait(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Single]:
    with single(tmp_path_factory.mktemp("single")) as running:
        yield running


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--workers", "2"), "--workers"),
        (("--tls",), "--tls"),
        (("--console",), "--console"),
        (("--host", "0.0.0.0"), "--expose"),
    ],
    ids=["workers", "tls", "console", "beyond the loopback"],
)
def test_what_one_process_does_not_do_is_refused_by_name(
    tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    done = subprocess.run(
        command(tmp_path, "--port", "0", *options),
        env=quick(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named_with_the_way_out(served: Single, tmp_path: Path) -> None:
    port = served.base_url.rpartition(":")[2]
    done = subprocess.run(
        command(tmp_path, "--port", port), env=quick(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert "--port-base" in done.stderr
    assert not (tmp_path / "ecps.db").exists()


def test_what_is_told_is_one_line_and_a_file_of_its_owner_alone(served: Single) -> None:
    """Nobody guesses ports: addresses, the authority to trust, and the secret."""
    assert json.loads(served.log.read_text().splitlines()[-1 - log_lines_after(served)]) == (
        served.told
    )
    assert served.told["secret"] == DEV_SECRET
    assert served.told["issuer"].startswith(served.base_url)
    assert stat.S_IMODE(served.file.stat().st_mode) == 0o600


def log_lines_after(served: Single) -> int:
    lines = served.log.read_text().splitlines()
    told = [number for number, line in enumerate(lines) if line.startswith('{"base_url"')]
    assert len(told) == 1
    return len(lines) - 1 - told[0]


def test_it_is_one_process_on_both_loopbacks(served: Single) -> None:
    assert psutil.Process(served.process.pid).children(recursive=True) == []
    port = int(served.base_url.rpartition(":")[2])
    for address in loopback_addresses():
        answer = httpx.get(f"http://{address}:{port}/readyz", trust_env=False)
        assert answer.json()["status"] == "ready"


def test_cards_are_asked_for_over_tls_of_the_authority_that_is_told(served: Single) -> None:
    context = ssl.create_default_context(cafile=served.told["ca"])
    address = served.told["card_base_url"]
    without_card = httpx.get(f"{address}/card/signin", verify=context, trust_env=False)
    assert without_card.status_code != 404 or without_card.text
    assert httpx.get(f"{address}/readyz", verify=context, trust_env=False).status_code == 404
    made = served.ask("PUT", "/dev/v1/realms/cards").json()
    assert made["card_base_url"] == f"{address}/r/cards"


def test_requests_at_once_are_each_answered_by_their_own_issuer(served: Single) -> None:
    """Several threads, several issuers: each has its own clock, moved by another distance."""
    names = [f"job-{number}" for number in range(3)]

    def live(number: int) -> list[float]:
        name = names[number]
        offsets = []
        for _ in range(5):
            moved = served.ask("POST", f"/r/{name}/dev/v1/clock", {"advance": 60 * (number + 1)})
            offsets.append(moved.json()["offset"])
            served.ask("GET", f"/r/{name}/dev/v1/clock").raise_for_status()
        return offsets

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(live, range(3)))
    assert found == [[60.0 * (n + 1) * (i + 1) for i in range(5)] for n in range(3)]


def test_no_thread_is_added_for_a_further_issuer(served: Single) -> None:
    """One worker serves all that are made on demand."""
    process = psutil.Process(served.process.pid)
    for name in ("worked-1", "worked-2"):
        served.ask("PUT", f"/dev/v1/realms/{name}").raise_for_status()
    served.ask("GET", "/r/worked-1/readyz").raise_for_status()
    threads = process.num_threads()
    served.ask("GET", "/r/worked-2/readyz").raise_for_status()
    assert process.num_threads() <= threads


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_though_a_request_is_held(tmp_path: Path, number: signal.Signals) -> None:
    with single(tmp_path) as running, socket.socket() as held:
        host, port = running.base_url.removeprefix("http://").split(":")
        held.connect(("127.0.0.1", int(port)))
        held.sendall(f"POST /auth HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10\r\n\r\n".encode())
        running.process.send_signal(number)
        assert running.process.wait(3) == 0


def test_it_ends_when_the_process_that_started_it_is_gone(tmp_path: Path) -> None:
    shell = ("sh", "-c", '"$@" & echo $! > ' + str(tmp_path / "pid") + "; wait", "sh")
    with single(tmp_path, before=shell) as running:
        server = psutil.Process(int((tmp_path / "pid").read_text()))
        running.process.kill()
        running.process.wait()
        _gone, alive = psutil.wait_procs([server], timeout=20)
        assert alive == []


def test_it_ends_though_who_started_it_was_gone_before_it_answered(tmp_path: Path) -> None:
    """A test run that is killed while its provider starts leaves none behind."""
    shell = ("sh", "-c", '"$@" & echo $! > ' + str(tmp_path / "pid") + "; wait", "sh")
    options = ("--port", "0", "--ready-file", str(tmp_path / "ready.json"))
    with (tmp_path / "serve.log").open("wb") as output:
        starter = subprocess.Popen(
            [*shell, *command(tmp_path, *options)],
            env=quick(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(tmp_path / "ecps.db", starter, tmp_path / "serve.log")
        server = psutil.Process(int((tmp_path / "pid").read_text()))
        starter.kill()
        starter.wait()
        _gone, alive = psutil.wait_procs([server], timeout=30)
        assert alive == []
    finally:
        with suppress(ProcessLookupError):
            os.killpg(starter.pid, signal.SIGKILL)
