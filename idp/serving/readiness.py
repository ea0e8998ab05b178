"""Telling programs where a provider stands, once it answers, so that nobody guesses ports."""

import json
import os
import secrets
import threading
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from idp.serving.plan import ServePlan

_LOOK_AGAIN = 0.05
_PATIENCE = 5.0
"""Seconds that one question may take."""


@dataclass(frozen=True)
class Readiness:
    """What is told, and where it is asked first."""

    told: dict[str, Any]
    address: str
    port: int
    file: Path | None = None
    """Where it is written, in one move, for its owner alone: it holds the start-up secret."""

    @property
    def line(self) -> str:
        """One line of JSON."""
        return json.dumps(self.told)

    def wait(self, ended: threading.Event) -> None:
        """Ask `/readyz` until it says yes, then write the file; or until all has ended."""
        while not self._is_ready():
            if ended.wait(_LOOK_AGAIN):
                return
        if self.file is not None:
            _write(self.file, f"{self.line}\n")

    def wait_aside(self) -> None:
        """The same in a thread of its own, which ends with the process."""
        never = threading.Event()
        threading.Thread(target=self.wait, args=(never,), name="readiness", daemon=True).start()

    def _is_ready(self) -> bool:
        host = f"[{self.address}]" if ":" in self.address else self.address
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"http://{host}:{self.port}/readyz", timeout=_PATIENCE):
                return True
        except (URLError, OSError):  # not there yet, or not ready (503)
            return False


def readiness_of(plan: ServePlan, file: Path | None) -> Readiness:
    """What a `--dev` server tells of itself: addresses, secret, and the authority to trust."""
    settings = plan.settings
    told = {
        "base_url": settings.base_url,
        "issuer": settings.issuer,
        "card_base_url": settings.card_base_url,
        "ca": str(plan.tls_folder.resolve() / "ca.pem"),
        "secret": settings.dev_secret.get_secret_value(),
    }
    return Readiness(told, plan.plain_address, plan.port, file)


def _write(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    unfinished.replace(file)
