"""`ecps-wallet screen`: phones of several people side by side, and a card reader."""

import contextlib
from pathlib import Path
from typing import Any

import click

from wallet_sim.cli.card import ca_option
from wallet_sim.cli.common import Shell
from wallet_sim.cli.listening import SCREEN_PORT, listening, listening_options
from wallet_sim.cli.staying import (
    end_by_signal,
    provider_option,
    reader_of,
    start_up_secret,
    stay_subscribed,
)
from wallet_sim.door import READER_ADDRESS, SECRET_HEADER
from wallet_sim.errors import NameRefused
from wallet_sim.screen.app import Screen, ScreenApp
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.rack import name_of

_ONLY = "telephone"
_ADDED = "phones"


@click.command()
@listening_options(SCREEN_PORT)
@ca_option
@provider_option
@click.option(
    "--phone",
    "phones",
    multiple=True,
    metavar="NAME=HOME",
    help="A phone and the folder of its file; the phone of --home where none is given.",
)
@click.pass_obj
def screen(
    shell: Shell, /, *, ca: Path | None, idp: str, phones: tuple[str, ...], **options: Any
) -> None:
    """Show several phones and a card reader on one page, each phone with its control API.

    Phones that are added on the page have their homes in the folder `phones` of --home, and come
    back with the next start. The start-up secret comes from ECPS_CONTROL_SECRET, else it is made
    and printed.

    Example: ecps-wallet screen --phone camille=/tmp/camille --phone dominique=/tmp/dominique
    """
    where = listening(shell.home, **options)
    homes = _homes(phones) or {_ONLY: shell.home.expanduser()}
    secret, made = start_up_secret()
    door, reader = where.door(secret), reader_of(shell, ca)
    pages = Pages(door, shell.language)
    common = Screen(where.push_origin, door, pages, provider=idp, switch_on=shell.phone_of)
    rack = common.rack(homes, shell.home.expanduser() / _ADDED)
    app = ScreenApp(rack, door, pages, reader)
    with contextlib.closing(rack), contextlib.closing(reader), where.serve(app):
        click.echo(f"The phones are on: {where.address}/")
        for each in rack:
            click.echo(f"  {each.name}: {where.address}{each.path}/")
        click.echo(f"The card reader: {where.address}{READER_ADDRESS}")
        where.tell_other_devices()
        if made:
            click.echo(f"Start-up secret (header {SECRET_HEADER}, or typed): {secret}")
        stay_subscribed(lambda: [each.receiver for each in rack], end_by_signal())


def _homes(given: tuple[str, ...]) -> dict[str, Path]:
    homes: dict[str, Path] = {}
    for each in given:
        typed, separator, home = each.partition("=")
        if not separator or not home:
            raise click.UsageError(f"--phone takes NAME=HOME, not {each}")
        try:
            name = name_of(typed)
        except NameRefused as error:
            raise click.UsageError(f"--phone {each}: {error}") from error
        if name in homes:
            raise click.UsageError(f"--phone {each}: another phone is called {name}")
        homes[name] = Path(home).expanduser()
    return homes
