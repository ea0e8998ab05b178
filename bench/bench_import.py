"""Rows per second and peak memory of an import of the directory.

    python bench/bench_import.py --rows 200000
    python bench/bench_import.py --rows 2400000 --database-url postgresql://…

Each import runs in a process of its own, so that the peak is its own. The second one replaces
the first: it also pays for deleting the old generation.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.generate_directory import lines
from idp.clock import monotonic
from idp.directory.importer import import_directory
from idp.provider import initialise, open_provider
from idp.settings import Settings

LIMIT_MB = 300


def measure(file: Path, database_url: str) -> dict[str, float]:
    """Import once, in this process."""
    given: dict[str, Any] = {"database_url": database_url, "master_key": "A" * 43}
    settings = Settings(**given)
    initialise(settings, kind="simulation")
    provider = open_provider(settings)
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = monotonic()
    imported = import_directory(provider, file)
    seconds = monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    provider.store.close()
    return {
        "rows": imported.rows,
        "people": imported.people,
        "refused": imported.refused,
        "seconds": round(seconds, 1),
        "rows_per_second": round(imported.rows / seconds),
        "cpu_seconds": round(
            after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1
        ),
        "peak_mb": round(after.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--imports", type=int, default=2)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.file:
        print(json.dumps(measure(arguments.file, arguments.database_url)))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "extract.txt"
        with file.open("w", encoding="utf-8") as stream:
            stream.writelines(lines(arguments.rows))
        url = arguments.database_url or f"sqlite:///{folder}/ecps.db"
        root = str(Path(__file__).parent.parent)
        for run in range(arguments.imports):
            command = [sys.executable, __file__, "--database-url", url, "--file", str(file)]
            environment = os.environ | {"PYTHONPATH": root}
            output = subprocess.run(command, env=environment, check=True, capture_output=True)
            figures = json.loads(output.stdout)
            print(f"import {run + 1}: {figures}")
            if figures["peak_mb"] > LIMIT_MB:
                raise SystemExit(f"more than {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
