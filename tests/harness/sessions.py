"""Pytest sessions of somebody else, who has installed this distribution."""

import os
import subprocess
import sys
from pathlib import Path

_SECONDS = 120


def run_pytest(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    dropped = ("ECPS_", "PSC_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    # This plugin alone, by its entry point: others of this environment take seconds to load.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "ecps", *options],
        cwd=folder,
        env=kept | alone | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
