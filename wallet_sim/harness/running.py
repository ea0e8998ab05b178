"""A provider for tests: `ecps-idp serve --dev --single-process`, in a process of its own.

with start_provider() as provider:
    httpx.get(f"{provider.base_url}/readyz")
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wallet_sim.clock import monotonic, pause
from wallet_sim.harness.errors import ProviderEnded, ProviderNotStarted

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_LOOK_AGAIN = 0.02  # seconds
_LAST_OF_LOG = 4000  # characters
_SECRET_BYTES = 24
_SETTINGS = "ecps.toml"

QUICK_SETTINGS: Mapping[str, Any] = {
    # A test's phone need not stand a thief who has hours: a simulation alone allows so little.
    "kdf_log2_cost": 10,
    # The letter with a card's code is posted days after the card: here nobody waits for it.
    "card_code_letter_delay": 0,
    # Tests sign in more often than people do, all from one address.
    "starts_per_address": 1_000_000,
    "pushes_per_window": 1_000_000,
    "pushes_per_day": 1_000_000,
}
"""Settings of a provider that serves tests; `settings` of `start_provider` win over them."""


@dataclass(frozen=True)
class RunningProvider:
    """A provider that answers."""

    base_url: str
    secret: str
    ca: Path | None = None
    """Authority of its TLS, for cards and clients with certificates; None where none is known."""

    def realm(self, name: str) -> str:
        """Address of an issuer of its own below it, made at its first use."""
        return f"{self.base_url.rstrip('/')}/r/{name}"


@contextlib.contextmanager
def start_provider(
    folder: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    port: int = 0,
    secret: str = "",
) -> Iterator[RunningProvider]:
    """Start a provider; it ends with the block, or when this process dies.

    Args:
        folder: where its database and log lie; a temporary one by default.
        settings: settings of the provider by name (docs/settings.md).
        port: where it listens; a free one by default.
        secret: its start-up secret; drawn where none is given.

    Raises:
        ProviderNotStarted: with what it printed.
        ProviderEnded: at the end of the block, where it was gone before.
    """
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecps-")))
        own_secret = secret or secrets.token_urlsafe(_SECRET_BYTES)
        _write_settings(folder, {**QUICK_SETTINGS, **(settings or {})})
        ready, log = folder / "ready.json", folder / "serve.log"
        process = _start(folder, port, ready, log, own_secret)
        stack.callback(_stop, process)
        provider = _wait(process, ready, log, own_secret)
        stack.callback(_require_running, process, log, own_secret)
        yield provider


def _write_settings(folder: Path, settings: Mapping[str, Any]) -> None:
    """A file, and not the environment: there, a name that is no setting would go unnoticed."""
    # What JSON and TOML write is the same for texts, numbers, truth values and lists of them.
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (folder / _SETTINGS).write_text("".join(lines), "utf-8")


def _start(
    folder: Path, port: int, ready: Path, log: Path, secret: str
) -> "subprocess.Popen[bytes]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECPS_")}
    given = {
        "ECPS_DEV_SECRET": secret,
        "ECPS_DATABASE_URL": f"sqlite:///{folder / 'ecps.db'}",
        "ECPS_CONFIG": str(folder / _SETTINGS),
    }
    command = [sys.executable, "-m", "idp.cli", "serve", "--dev", "--single-process"]
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--port", str(port), "--ready-file", str(ready)],
            env=kept | given,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for pytest, which then ends it
        )


def _wait(
    process: "subprocess.Popen[bytes]", ready: Path, log: Path, secret: str
) -> RunningProvider:
    deadline = monotonic() + _READY_SECONDS
    while monotonic() < deadline and process.poll() is None:
        if ready.exists():
            told = json.loads(ready.read_text("utf-8"))
            ca = Path(told["ca"]) if told.get("ca") else None
            return RunningProvider(told["base_url"], secret, ca)
        pause(_LOOK_AGAIN)
    status = process.poll()
    ended = "did not answer in time" if status is None else f"ended with status {status}"
    raise ProviderNotStarted(f"the provider {ended}; it printed:\n{_printed(log, secret)}")


def _printed(log: Path, secret: str) -> str:
    told = log.read_text("utf-8", errors="replace").replace(secret, "…")
    return told[-_LAST_OF_LOG:]


def _require_running(process: "subprocess.Popen[bytes]", log: Path, secret: str) -> None:
    status = process.poll()
    if status is not None:
        raise ProviderEnded(
            f"the provider ended with status {status} before the tests did; it printed:\n"
            f"{_printed(log, secret)}"
        )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
