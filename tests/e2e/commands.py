"""`ecps-wallet` and `ecps-idp` as a shell runs them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Installed commands stand beside the interpreter that runs the tests.
_BIN = Path(sys.executable).parent


def run(
    command: str, arguments: Sequence[str], *, typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run an installed command to its end, with no setting of the tests' own environment."""
    found = shutil.which(command, path=f"{_BIN}{os.pathsep}{os.environ['PATH']}")
    assert found is not None, f"{command} is not installed"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ECPS_")}
    return subprocess.run(
        [found, *arguments],
        input=typed,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def wallet(
    home: Path, *arguments: str, typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return run("ecps-wallet", ["--home", str(home), *arguments], typed=typed, **environment)


def enrol(home: Path, *, idp: str, secret: str, pin: str, **environment: str) -> dict[str, Any]:
    """Activate an e-CPS by the development outbox."""
    options = ["--national-id", "899700990015", "--pin", pin, "--outbox", "--json"]
    done = wallet(home, "enrol", "--idp", idp, *options, ECPS_DEV_SECRET=secret, **environment)
    assert done.returncode == 0, done.stderr
    identity: dict[str, Any] = json.loads(done.stdout)
    return identity
