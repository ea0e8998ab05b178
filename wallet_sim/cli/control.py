"""`ecps-wallet control`: phones, cards and logins for tests in any language, over HTTP."""

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wallet_sim.cli.card import ca_option
from wallet_sim.cli.common import Shell
from wallet_sim.cli.listening import Listening, listening, listening_options
from wallet_sim.cli.ready import write_ready_file
from wallet_sim.cli.staying import end_by_signal, end_with_parent, new_secret, start_up_secret
from wallet_sim.control_server.app import BASE, ControlServer
from wallet_sim.control_server.desk import Desks
from wallet_sim.dev_provider import SECRET_VARIABLE, DevProvider
from wallet_sim.door import SECRET_HEADER
from wallet_sim.harness.psc import Psc
from wallet_sim.harness.running import RunningProvider, start_provider

_PORT = 8006
_PROVIDER_PORT = 8000


@click.command()
@click.option(
    "--provider",
    metavar="URL",
    help=f"A `--dev` provider that runs; {SECRET_VARIABLE} is its start-up secret.  "
    f"[default: http://localhost:{_PROVIDER_PORT}]",
)
@click.option(
    "--with-provider", is_flag=True, help="Start a provider too, on --provider-port; it ends here."
)
@click.option(
    "--provider-port",
    type=click.IntRange(0, 65535),
    default=_PROVIDER_PORT,
    show_default=True,
    help="Of --with-provider; 0 takes a free one.",
)
@click.option("--identities", is_flag=True, help="Provide the identities that decide, at once.")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Written once all answers: addresses and secrets as JSON, for its owner alone.",
)
@click.option(
    "--end-with-parent",
    "ends_with_parent",
    is_flag=True,
    help="End, too, when the process that started this one is gone.",
)
@ca_option
@listening_options(_PORT)
@click.pass_obj
def control(
    shell: Shell,
    /,
    *,
    provider: str | None,
    with_provider: bool,
    provider_port: int,
    identities: bool,
    ready_file: Path | None,
    ends_with_parent: bool,
    ca: Path | None,
    **options: Any,
) -> None:
    """Serve the control API: phones, cards, logins, and the provider's development addresses.

    Its start-up secret comes from ECPS_CONTROL_SECRET, else it is made and printed.

    Example: ecps-wallet control --with-provider
    """
    if provider and with_provider:
        raise click.UsageError("--with-provider starts its own: leave --provider out")
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)  # of a start before this one
    ended = end_by_signal()
    if ends_with_parent:
        end_with_parent(ended)
    home = shell.home.expanduser() / "control"
    where = listening(home, **options)
    secret, made = start_up_secret()
    door = where.door(secret)
    with contextlib.ExitStack() as stack:
        if with_provider:
            own_secret = os.environ.get(SECRET_VARIABLE) or new_secret()
            started = start_provider(port=provider_port, secret=own_secret)
            running = stack.enter_context(started)
        else:
            running = _found_provider(provider or f"http://localhost:{_PROVIDER_PORT}", ca)
        desks = Desks(running.base_url, running.secret, home, running.ca)
        stack.callback(desks.close)
        psc = desks.desk("").psc
        if identities:
            desks.desk("").provide_identities()
        where = replace(where, port=stack.enter_context(where.serve(ControlServer(door, desks))))
        if ready_file is not None:
            write_ready_file(ready_file, _told(where, secret, psc, running))
        _announce(where, secret if made else "", running, is_own=with_provider)
        ended.wait()


def _found_provider(address: str, ca: Path | None) -> RunningProvider:
    secret = os.environ.get(SECRET_VARIABLE, "")
    if not secret:
        raise click.UsageError(
            f"set {SECRET_VARIABLE} to the start-up secret of {address}, or start a provider with "
            "--with-provider"
        )
    with contextlib.closing(DevProvider(address, secret)) as development:
        development.ask("GET", "clock")
    return RunningProvider(address, secret, ca)


def _told(where: Listening, secret: str, psc: Psc, running: RunningProvider) -> dict[str, Any]:
    return {
        "control": f"{where.address}{BASE}",
        "secret": secret,
        "provider": running.base_url,
        "provider_secret": running.secret,
        "issuer": psc.issuer,
        "discovery_url": psc.discovery_url,
        "ca": str(running.ca) if running.ca else None,
    }


def _announce(where: Listening, made: str, running: RunningProvider, *, is_own: bool) -> None:
    click.echo(f"The provider: {running.base_url}")
    if is_own and SECRET_VARIABLE not in os.environ:
        click.echo(f"Its start-up secret: {running.secret}")
    click.echo(f"Control: {where.address}{BASE}")
    if made:
        click.echo(f"Start-up secret of control (header {SECRET_HEADER}): {made}")
