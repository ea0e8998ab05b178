"""`ecps-wallet pair`: the portal's QR, the code typed there, the PIN."""

from pathlib import Path

import click

from wallet_sim.cli.common import (
    Shell,
    json_option,
    pin_options,
    print_activated,
    read_pin,
    warn_of_plain_pin,
)
from wallet_sim.clock import pause
from wallet_sim.phone import DEFAULT_NAME, Phone

_LOOK_AGAIN = 1.0  # seconds between two questions whether the code was typed


@click.command()
@click.option("--idp", required=True, metavar="URL", help="Address of the provider.")
@click.option(
    "--image",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Picture of the QR that the portal shows.",
)
@click.option("--qr", metavar="TEXT", help="What a camera read in that QR.")
@click.option("--token", metavar="TEXT", help="The code written beside that QR.")
@click.option("--name", default=DEFAULT_NAME, show_default=True, help="Name of this phone.")
@pin_options
@json_option
@click.pass_obj
def pair(
    shell: Shell,
    *,
    idp: str,
    image: Path | None,
    qr: str | None,
    token: str | None,
    name: str,
    pin: str | None,
    pin_stdin: bool,
    as_json: bool,
) -> None:
    """Activate an e-CPS with the QR that the portal shows to a card.

    The phone's code is printed; type it on the portal while this command waits.

    Example: ecps-wallet --home /tmp/phone pair --idp http://localhost:8000 --image qr.png
    --pin 2580
    """
    given = [each for each in (image, qr, token) if each is not None]
    if len(given) > 1:
        raise click.UsageError("give one of --image, --qr and --token")
    scanned = given[0] if given else click.prompt("Code written beside the QR", err=True)
    with shell.phone() as phone:
        shown = phone.pair(idp, scanned, name)
        click.echo(f"Type this code on the portal: {shown.code}", err=True)
        _wait_for_confirmation(phone)
        warn_of_plain_pin(phone, "pin")
        chosen = read_pin(pin, pin_stdin=pin_stdin, prompt="Choose a PIN", confirm=True)
        identity = phone.choose_pin(chosen)
        print_activated(phone, identity, as_json=as_json)


def _wait_for_confirmation(phone: Phone) -> None:
    # The provider ends the waiting: it refuses once the pairing is dead or late.
    while phone.pairing_state().state != "confirmed":
        pause(_LOOK_AGAIN)
    click.echo("The code was typed on the portal.", err=True)
