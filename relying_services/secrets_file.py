"""Secrets of services, from a file that nobody else can read, or from the environment."""

import json
import os
from collections.abc import Callable
from pathlib import Path

READER = "reader"
"""Name of the start-up secret of the card reader (decision 2)."""
PROVIDER = "provider"
"""Name of the start-up secret of a provider whose clock is followed (decision 2)."""
_VARIABLES = {READER: "ECPS_CONTROL_SECRET", PROVIDER: "ECPS_DEV_SECRET"}
_OF_OTHERS = 0o077

SecretOf = Callable[[str], str]
"""Gives the secret of a name: that of a client, of the reader, or of the provider.

Raises:
    SecretMissing: it has none.
"""


class SecretsExposed(Exception):
    """Others can read the file of secrets; the message says how to close it."""


class SecretsWrong(Exception):
    """The file holds no secrets by name; the message says what it must be."""


class SecretMissing(Exception):
    """A service has no secret; the message says where it is looked for."""


def secrets_of(path: Path | None) -> SecretOf:
    """The secrets of a file, a JSON object; those of the environment where there is no file.

    Raises:
        SecretsExposed: others than its owner may read the file.
        SecretsWrong: it is no JSON object of texts.
    """
    if path is None:
        return _of_environment
    if path.stat().st_mode & _OF_OTHERS:
        raise SecretsExposed(f"others can read {path}: chmod 600 {path}")
    given = _read(path)

    def of_file(name: str) -> str:
        if not given.get(name):
            raise SecretMissing(f"{path} holds no secret of {name}")
        return given[name]

    return of_file


def _read(path: Path) -> dict[str, str]:
    try:
        given = json.loads(path.read_text("utf-8"))
    except ValueError:
        # What the parser says may quote a secret.
        given = None
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise SecretsWrong(f"{path} must hold a JSON object: the secret of each client by its name")
    return given


def variable(name: str) -> str:
    """The variable of the environment that holds a secret."""
    return _VARIABLES.get(name, f"{name.upper()}_CLIENT_SECRET")


def _of_environment(name: str) -> str:
    found = os.environ.get(variable(name))
    if not found:
        raise SecretMissing(f"no secret of {name}: set {variable(name)}, or give --secrets FILE")
    return found
