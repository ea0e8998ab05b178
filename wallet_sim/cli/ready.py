"""Telling programs where a command serves, once it answers, so that nobody guesses ports."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


def write_ready_file(file: Path, told: dict[str, Any]) -> None:
    """Write it in one move, for its owner alone: it holds secrets."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{json.dumps(told)}\n")
    unfinished.replace(file)
