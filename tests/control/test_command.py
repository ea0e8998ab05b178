"""`ecps-wallet control`: how it starts, tells where it is, and ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from wallet_sim.cli import main
from wallet_sim.clock import monotonic, pause
from wallet_sim.harness.running import RunningProvider
from wallet_sim.serving import serve

_PATIENCE = 60  # seconds
_SECRET = "start-up-secret-of-this-command"
_OWN = "127.0.0.2"
"""An address of this machine that a phone takes for another: it is not called `localhost`."""

Start = Callable[..., "tuple[subprocess.Popen[bytes], dict[str, Any]]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a command that writes a file when it is ready; gives what that file tells."""
    running: list[subprocess.Popen[bytes]] = []

    def start_it(
        *command: str, **environment: str
    ) -> "tuple[subprocess.Popen[bytes], dict[str, Any]]":
        ready, log = tmp_path / f"{len(running)}.json", tmp_path / f"{len(running)}.log"
        kept = {name: value for name, value in os.environ.items() if "ECPS" not in name}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, "--ready-file", str(ready)],
                env=kept | environment,
                cwd=tmp_path,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        _wait(lambda: ready.exists() or process.poll() is not None)
        assert ready.exists(), log.read_text("utf-8")
        assert ready.stat().st_mode & 0o777 == 0o600
        told: dict[str, Any] = json.loads(ready.read_text("utf-8"))
        return process, told

    yield start_it
    for process in running:
        process.terminate()
        process.wait(_PATIENCE)


def _wait(is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + _PATIENCE
    while not is_so():
        assert monotonic() < deadline
        pause(0.05)


def _answers(address: str) -> bool:
    try:
        httpx.get(address, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def _control(*options: str, home: str = "phones") -> list[str]:
    return [sys.executable, "-m", "wallet_sim.cli", "--home", home, "control", *options]


def _ask(told: dict[str, Any], method: str, path: str, body: Any = None) -> Any:
    headers = {"Ecps-Control-Secret": told["secret"]}
    answer = httpx.request(
        method,
        f"{told['control']}/{path}",
        json=body,
        headers=headers,
        trust_env=False,
        timeout=_PATIENCE,
    )
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@pytest.mark.parametrize(
    ("options", "environment", "told"),
    [
        (["--with-provider", "--provider", "http://localhost:1"], {}, "leave --provider out"),
        (["--provider", "http://localhost:1"], {}, "ECPS_DEV_SECRET"),
        (["--provider", "http://localhost:1"], {"ECPS_DEV_SECRET": "s"}, "no answer"),
        (["--host", "192.0.2.1"], {"ECPS_DEV_SECRET": "s"}, "--expose"),
        (["--expose"], {"ECPS_DEV_SECRET": "s"}, "--insecure-http"),
        (
            ["--expose", "--insecure-http"],
            {"ECPS_DEV_SECRET": "s", "ECPS_CONTROL_SECRET": "short"},
            "fewer than",
        ),
    ],
    ids=["both", "no secret", "nobody", "elsewhere", "without TLS", "a short secret"],
)
def test_a_start_that_cannot_be_says_what_to_do(
    tmp_path: Path, options: list[str], environment: dict[str, str], told: str
) -> None:
    """Decision 2 holds for control as for every start."""
    kept: dict[str, str | None] = {"ECPS_DEV_SECRET": None, "ECPS_CONTROL_SECRET": None}
    done = CliRunner().invoke(
        main, ["--home", str(tmp_path), "control", *options], env=kept | environment
    )
    assert done.exit_code != 0
    assert told in done.output
    assert "Traceback" not in done.output


def test_a_port_that_is_taken_is_told(tmp_path: Path, psc_server: RunningProvider) -> None:
    with serve(lambda *_: [], host="localhost", port=0) as port:
        done = CliRunner().invoke(
            main,
            [
                *("--home", str(tmp_path), "control", "--provider", psc_server.base_url),
                *("--port", str(port)),
            ],
            env={"ECPS_DEV_SECRET": psc_server.secret},
        )
    assert done.exit_code == 1
    assert "--port" in done.output


def test_a_wrong_secret_of_the_provider_is_told_at_the_start(
    tmp_path: Path, psc_server: RunningProvider
) -> None:
    done = CliRunner().invoke(
        main,
        ["--home", str(tmp_path), "control", "--provider", psc_server.base_url],
        env={"ECPS_DEV_SECRET": "guessed"},
    )
    assert done.exit_code == 1
    assert "403" in done.output


def test_one_command_starts_all_and_its_end_ends_all(start: Start) -> None:
    process, told = start(
        *_control("--with-provider", "--provider-port", "0", "--port", "0"),
        ECPS_CONTROL_SECRET=_SECRET,
    )
    assert told["secret"] == _SECRET
    assert told["provider_secret"] not in {"", _SECRET}
    assert Path(told["ca"]).exists()
    place = _ask(told, "GET", "place")
    assert (place["provider"], place["issuer"]) == (told["provider"], told["issuer"])
    assert httpx.get(told["discovery_url"], trust_env=False).json()["issuer"] == told["issuer"]
    person = _ask(told, "POST", "provider/people", {})["national_id"]
    _ask(told, "POST", "phones", {"national_id": person})

    process.send_signal(signal.SIGTERM)

    assert process.wait(_PATIENCE) == 0
    assert not _answers(told["control"])
    assert not _answers(told["provider"])


def test_it_ends_with_who_started_it_where_that_is_asked_for(
    start: Start, psc_server: RunningProvider
) -> None:
    options = ["--provider", psc_server.base_url, "--port", "0", "--end-with-parent"]
    waits = ["sh", "-c", '"$@" & wait', "sh"]
    parent, told = start(
        *waits, *_control(*options), ECPS_DEV_SECRET=psc_server.secret, ECPS_CONTROL_SECRET=_SECRET
    )
    assert _answers(told["control"])
    parent.kill()
    _wait(lambda: not _answers(told["control"]))


def test_a_provider_and_control_beyond_this_machine_do_without_tls_by_their_words(
    start: Start,
) -> None:
    """As containers have it: each at an address of its own, in plain HTTP."""
    exposed = ("--expose", "--insecure-http", "--port", "0")
    _, provider = start(
        *(sys.executable, "-m", "idp.cli", "serve", "--dev", "--single-process", "--host", _OWN),
        *exposed,
        ECPS_DATABASE_URL="sqlite:///ecps.db",
        ECPS_ALLOWED_HOSTS=json.dumps([_OWN]),
    )
    assert provider["base_url"].startswith(f"http://{_OWN}:")
    _, told = start(
        *_control("--provider", provider["base_url"], "--host", "127.0.0.3", *exposed),
        ECPS_DEV_SECRET=provider["secret"],
    )
    assert told["control"].startswith("http://127.0.0.3:")
    person = _ask(told, "POST", "provider/people", {})["national_id"]
    _ask(told, "POST", "phones", {"national_id": person})
    _ask(told, "POST", "identities", {"only": ["899788000018"]})
    assert len(_ask(told, "GET", "phones")["phones"]) == 2
