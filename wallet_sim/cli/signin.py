"""`ecps-wallet pending | approve | refuse | recover`."""

from dataclasses import asdict

import click

from wallet_sim.cli.common import (
    Shell,
    json_option,
    pin_options,
    print_json,
    read_pin,
    warn_of_plain_pin,
)
from wallet_sim.clock import monotonic, pause
from wallet_sim.display import render
from wallet_sim.documents import Challenge
from wallet_sim.errors import NothingPending
from wallet_sim.phone import Phone

_LOOK_AGAIN = 0.5  # seconds

wait_option = click.option(
    "--wait", type=float, default=0.0, metavar="S", help="Wait at most S seconds for a request."
)


@click.command()
@wait_option
@json_option
@click.pass_obj
def pending(shell: Shell, *, wait: float, as_json: bool) -> None:
    """Show the requests that wait for an answer.

    Example: ecps-wallet --home /tmp/phone pending --wait 10 --json
    """
    with shell.phone() as phone:
        newest = _wait_for_request(phone, wait)
        waiting = [newest, *phone.pending()[1:]]
    if as_json:
        print_json([challenge.payload for challenge in waiting])
        return
    for challenge in waiting:
        click.echo("\n".join(render(challenge, shell.language)) + "\n")


@click.command()
@click.option("--number", metavar="N", help="The number that the page shows.")
@click.option(
    "--auto",
    is_flag=True,
    help="Read the number from a --dev provider, as a person reads it from the page; its secret "
    "in ECPS_DEV_SECRET.",
)
@wait_option
@pin_options
@json_option
@click.pass_obj
def approve(
    shell: Shell,
    *,
    number: str | None,
    auto: bool,
    wait: float,
    pin: str | None,
    pin_stdin: bool,
    as_json: bool,
) -> None:
    """Approve the newest request with the PIN and the number.

    Example: ecps-wallet --home /tmp/phone approve --pin 2580 --number 42 --wait 30
    """
    if auto and number is not None:
        raise click.UsageError("--number and --auto exclude each other")
    with shell.phone() as phone:
        challenge = _wait_for_request(phone, wait)
        click.echo("\n".join(render(challenge, shell.language)), err=True)
        if auto:
            number = shell.dev_provider(phone.provider()).shown_number(challenge.challenge_id)
        elif number is None and challenge.number is not None:
            number = click.prompt("Number that the page shows", err=True)
        warn_of_plain_pin(phone, "pin")
        entered = read_pin(pin, pin_stdin=pin_stdin, prompt="PIN")
        approval = phone.approve(entered, number, challenge)
    if as_json:
        print_json({"outcome": "approved", **asdict(approval)})
        return
    click.echo("Approved.")
    if approval.failures_since_success:
        click.echo(f"Wrong PINs since your last sign-in: {approval.failures_since_success}.")
    if approval.completion:
        click.echo(f"Completion for the browser on this phone: {approval.completion}")


@click.command()
@click.option("--not-me", is_flag=True, help="Say that somebody else asked.")
@wait_option
@json_option
@click.pass_obj
def refuse(shell: Shell, *, not_me: bool, wait: float, as_json: bool) -> None:
    """Refuse the newest request; no PIN is needed.

    Example: ecps-wallet --home /tmp/phone refuse --not-me
    """
    with shell.phone() as phone:
        challenge = _wait_for_request(phone, wait)
        phone.refuse("unknown_trigger" if not_me else "cancelled", challenge)
    if as_json:
        print_json({"outcome": "refused", "challenge_id": challenge.challenge_id})
    else:
        click.echo("Refused.")


@click.command()
@json_option
@click.pass_obj
def recover(shell: Shell, *, as_json: bool) -> None:
    """Ask what became of an answer that was lost, and end a doubtful PIN change.

    Example: ecps-wallet --home /tmp/phone recover
    """
    with shell.phone() as phone:
        recovered = phone.recover()
    outcome = recovered.outcome if recovered else None
    if as_json:
        print_json({"outcome": outcome})
    else:
        click.echo(f"The last answer: {outcome}." if outcome else "Nothing was lost.")


def _wait_for_request(phone: Phone, seconds: float) -> Challenge:
    deadline = monotonic() + seconds
    while True:
        waiting = phone.pending()
        if waiting:
            return waiting[0]
        if monotonic() >= deadline:
            raise NothingPending("no request waits for an answer")
        pause(_LOOK_AGAIN)
