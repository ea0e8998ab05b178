"""The command as an operator types it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from wallet_sim.cli import main


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

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "wallet_sim.cli", *self._arguments(arguments)],
            env=os.environ | self._variables(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _arguments(self, arguments: tuple[str, ...]) -> list[str]:
        return ["fleet", "--profile", str(self.profile), "--report", str(self.folder), *arguments]

    def _variables(self) -> dict[str, str]:
        return {"ECPS_DEV_SECRET": self.secret, "ECPS_FLEET_CLIENT_SECRET": self.client_secret}
