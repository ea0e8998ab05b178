"""The services of the demonstration: registered at the provider, and served together."""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx

from idp.cli.demo_processes import DidNotStart, Program, run
from idp.settings import REALM_PATH

PORTS = range(8, 15)
"""Offsets of the services from the base (decision 4)."""
CPAM_AGENT = "899700990080"
"""Who may open the back office of the CPAM, in the sample of invented people."""
_MODULE = "relying_services"
Start = Callable[[str, list[str], str, dict[str, str]], Program]


def open_services(
    start: Start, place: Path, base: int, *, dev_secret: str, reader_secret: str
) -> dict[str, str]:
    """Register the services at the running provider, and serve them together.

    Args:
        start: starts a module by its name, arguments, address and environment.
        place: where databases and secrets are written.
        base: of the ports.
        dev_secret: start-up secret of the provider.
        reader_secret: start-up secret of the card reader.

    Returns:
        The address of each service, by its client.

    Raises:
        DidNotStart: one was not registered, or does not answer.
    """
    provider = f"http://localhost:{base}"
    printed = run([_MODULE, "registrations", "--port-base", str(base)], environment={})
    registrations: list[dict[str, Any]] = json.loads(printed)
    names = ", ".join(each["client_name"] for each in registrations)
    click.echo(f"Registering {len(registrations)} services by POST /dev/v1/clients: {names}")
    given = {each["client_id"]: _register(provider, dev_secret, each) for each in registrations}
    file = _kept(place / "secrets.json", given | {"reader": reader_secret, "provider": dev_secret})
    addresses = {
        each["client_id"]: each["redirect_uris"][0].removesuffix("/callback")
        for each in registrations
    }
    arguments = ["serve", "--issuer", provider + REALM_PATH, "--port-base", str(base)]
    arguments += ["--folder", str(folder_of(place)), "--secrets", str(file)]
    arguments += ["--clock-from", provider]
    arguments += ["--cpam-agent", CPAM_AGENT, "--card-authority", str(_authority(provider, place))]
    click.echo(f"Starting them together: python -m {_MODULE} serve --port-base {base} …")
    run([_MODULE, "sample", "--folder", str(folder_of(place))], environment={})
    first, *others = addresses.values()
    program = start("services", [_MODULE, *arguments], first, {})
    for address in others:
        program.wait_until(address)
    return addresses


def folder_of(place: Path) -> Path:
    """Where the services keep their databases."""
    return place / "services"


def _register(provider: str, dev_secret: str, registration: dict[str, Any]) -> str:
    secret = secrets.token_urlsafe(24)
    answer = httpx.post(
        f"{provider}/dev/v1/clients",
        json=registration | {"client_secret": secret},
        headers={"Ecps-Dev-Secret": dev_secret},
        trust_env=False,
        timeout=20,
    )
    if answer.status_code != httpx.codes.CREATED:
        raise DidNotStart(f"{registration['client_id']} is not registered: {answer.text[:300]}")
    return secret


def _authority(provider: str, place: Path) -> Path:
    """The certificate of the authority of the cards, which the workstation trusts."""
    file = place / "persons.crt"
    answer = httpx.get(f"{provider}/pki/persons.crt", trust_env=False, timeout=20)
    file.write_bytes(answer.raise_for_status().content)
    return file


def _kept(path: Path, values: dict[str, str]) -> Path:
    """Written so that nobody else reads it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(values, file)
    return path
