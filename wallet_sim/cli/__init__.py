"""The command `ecps-wallet`: a simulated phone, and simulated cards, in a terminal.

Exit status 0 only on success; 1 for a refusal, whose protocol code stands first in the message.
"""

from pathlib import Path

import click

from wallet_sim.cli.card import card
from wallet_sim.cli.card_files import export_pem, sign, verify
from wallet_sim.cli.card_requests import approve as approve_request
from wallet_sim.cli.card_requests import refuse as refuse_request
from wallet_sim.cli.card_requests import requests
from wallet_sim.cli.common import PhoneGroup, Shell
from wallet_sim.cli.enrol import enrol
from wallet_sim.cli.pair import pair
from wallet_sim.cli.screen import screen
from wallet_sim.cli.serve import serve, watch
from wallet_sim.cli.signin import approve, pending, recover, refuse
from wallet_sim.cli.upkeep import change_pin, delete, posture, status
from wallet_sim.display import Language


@click.group(cls=PhoneGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("~/.ecps-wallet"),
    show_default=True,
    envvar="ECPS_WALLET_HOME",
    help="Folder of the phone's one file, and of the cards.",
)
@click.option(
    "--lang",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Language of what the phone shows.",
)
@click.option("--insecure-http", is_flag=True, help="Allow a distant provider without TLS.")
@click.version_option(package_name="ecps-idp")
@click.pass_context
def main(context: click.Context, home: Path, lang: Language, *, insecure_http: bool) -> None:
    """A simulated phone that holds an e-CPS, and simulated cards.

    Example: ecps-wallet --home /tmp/phone status
    """
    context.obj = Shell(home, lang, insecure_http=insecure_http)


for command in (
    enrol,
    pair,
    watch,
    pending,
    approve,
    refuse,
    recover,
    change_pin,
    status,
    posture,
    delete,
    serve,
    screen,
    card,
):
    main.add_command(command)

for command in (sign, verify, export_pem, requests, approve_request, refuse_request):
    card.add_command(command)
