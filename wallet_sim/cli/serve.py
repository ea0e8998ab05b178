"""`ecps-wallet serve | watch`: a phone that stays on and hears pushes, with a card reader."""

import contextlib
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from wallet_sim.automatic import AutomaticApprovals
from wallet_sim.cli.card import ca_option
from wallet_sim.cli.common import Shell, pin_options, read_pin
from wallet_sim.cli.listening import LOOPBACK, SCREEN_PORT, listening, listening_options
from wallet_sim.cli.staying import (
    end_by_signal,
    new_secret,
    provider_option,
    reader_of,
    start_up_secret,
    stay_subscribed,
)
from wallet_sim.control import ControlApp
from wallet_sim.display import render
from wallet_sim.documents import Challenge
from wallet_sim.door import READER_ADDRESS, SECRET_HEADER, Door
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.watching import ASK_ANYWAY
from wallet_sim.serving import serve as serve_app


@click.command()
@listening_options(SCREEN_PORT)
@ca_option
@provider_option
@click.option(
    "--automatic-approvals",
    is_flag=True,
    help="Serve an address, printed at start, at which a program has the phone answer.",
)
@pin_options
@click.pass_obj
def serve(
    shell: Shell,
    /,
    *,
    ca: Path | None,
    idp: str,
    automatic_approvals: bool,
    pin: str | None,
    pin_stdin: bool,
    **options: Any,
) -> None:
    """Keep phone and card reader on: push receiver, control API and pages for people.

    The start-up secret comes from ECPS_CONTROL_SECRET, else it is made and printed. A PIN is kept
    for --automatic-approvals alone, which answer for the invented people of a simulation.

    Example: ecps-wallet --home /tmp/phone serve --port 8002
    """
    where = listening(shell.home, **options)
    if automatic_approvals and where.host not in LOOPBACK:
        raise click.UsageError("--automatic-approvals is served on this machine alone")
    if (pin_stdin or _is_typed("pin")) and not automatic_approvals:
        raise click.UsageError("a PIN is for --automatic-approvals")
    secret, made = start_up_secret()
    with shell.phone() as phone:
        automatic = None
        if automatic_approvals:
            entered = read_pin(pin, pin_stdin=pin_stdin, prompt="PIN")
            automatic = AutomaticApprovals(phone, entered, new_secret())
        receiver = Receiver(phone, where.push_origin)
        reader = reader_of(shell, ca)
        app = ControlApp(phone, receiver, where.door(secret), reader, automatic, provider=idp)
        with contextlib.closing(reader), where.serve(app):
            click.echo(f"The phone is on: {where.address}/")
            click.echo(f"The card reader: {where.address}{READER_ADDRESS}")
            where.tell_other_devices()
            if made:
                click.echo(f"Start-up secret (header {SECRET_HEADER}, or typed): {secret}")
            if automatic is not None:
                click.echo(f"Automatic approvals: {where.address}{automatic.path}")
            stay_subscribed(lambda: [receiver], end_by_signal())


@click.command()
@click.option("--push-port", type=int, default=0, help="Port of the push receiver; 0: any free.")
@click.pass_obj
def watch(shell: Shell, *, push_port: int) -> None:
    """Receive pushes, show each request and ask what to do with it.

    Example: ecps-wallet --home /tmp/phone watch
    """
    with shell.phone() as phone:
        ear = _Ear()
        with serve_app(ear, host="localhost", port=push_port) as port:
            receiver = Receiver(phone, f"http://localhost:{port}")
            door = Door(start_up_secret()[0], LOOPBACK)
            ear.app = ControlApp(phone, receiver, door, reader_of(shell, None))
            receiver.subscribe()
            click.echo("Watching; Ctrl-C ends.", err=True)
            _watch(phone, receiver)


class _Ear:
    """Stands in until the port, and with it the subscription, is known."""

    app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


def _watch(phone: Phone, receiver: Receiver) -> None:
    seen: set[str] = set()
    heard = 0
    while True:
        for challenge in phone.pending():
            if challenge.challenge_id not in seen:
                seen.add(challenge.challenge_id)
                _ask(phone, challenge)
        heard = receiver.wait(ASK_ANYWAY, after=heard)


def _ask(phone: Phone, challenge: Challenge) -> None:
    click.echo("\n" + "\n".join(render(challenge, phone.language)))
    choice = click.prompt(
        "[a]pprove, [r]efuse, [n]ot me, [l]ater", type=click.Choice(["a", "r", "n", "l"])
    )
    try:
        if choice == "a":
            number = click.prompt("Number that the page shows") if challenge.number else None
            phone.approve(click.prompt("PIN", hide_input=True), number, challenge)
            click.echo("Approved.")
        elif choice != "l":
            phone.refuse("unknown_trigger" if choice == "n" else "cancelled", challenge)
            click.echo("Refused.")
    except PhoneError as error:
        click.echo(f"{error.code}: {error}")


def _is_typed(option: str) -> bool:
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE
