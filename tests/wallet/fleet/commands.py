"""The command as an operator types it."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from wallet_sim.cli import main

_TELLING = Path(__file__).with_name("telling.py")
_PATIENCE = 60.0  # seconds without a step


@dataclass(frozen=True)
class Command:
    """`ecps-wallet fleet` with one profile and what it is let in with."""

    profile: Path
    secret: str
    client_secret: str = ""

    @property
    def state(self) -> Path:
        return self.profile.with_suffix(".fleet")

    @property
    def folder(self) -> Path:
        return self.profile.parent / "report"

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text())
        return report

    def without_secret(self, client_secret: str = "") -> "Command":
        return replace(self, secret="", client_secret=client_secret)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, self._arguments(arguments), env=self._variables())

    def kill_once(self, is_so: Callable[[], bool], *arguments: str) -> None:
        """Run it in a process of its own, and end that outright as soon as what it kept is so."""
        with subprocess.Popen(
            [sys.executable, str(_TELLING), *self._arguments(arguments)],
            env=os.environ | self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None
            told = process.stdout.fileno()
            try:
                while not is_so():
                    ready, _, _ = select.select([told], [], [], _PATIENCE)
                    assert ready, f"nothing more was kept in {_PATIENCE:g} s"
                    assert os.read(told, 4096), "it ended before it came to that"
            finally:
                process.kill()

    def _arguments(self, arguments: tuple[str, ...]) -> list[str]:
        return ["fleet", "--profile", str(self.profile), "--report", str(self.folder), *arguments]

    def _variables(self) -> dict[str, str]:
        return {"ECPS_DEV_SECRET": self.secret, "ECPS_FLEET_CLIENT_SECRET": self.client_secret}
