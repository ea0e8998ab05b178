"""The command `ecps-wallet`: a simulated phone, and simulated cards, in a terminal.

Exit status 0 only on success; 1 for a refusal, whose protocol code stands first in the message.
Every command lives in a module that is imported only when it is called: a phone that answers by a
command, again and again, needs neither cards nor a control server.
"""

from importlib import import_module
from pathlib import Path

import click

from wallet_sim.cli.common import PhoneGroup, Shell
from wallet_sim.display import Language

# command → module and name of the click command in it
COMMANDS = {
    "approve": ("wallet_sim.cli.signin", "approve"),
    "card": ("wallet_sim.cli.card_group", "card"),
    "change-pin": ("wallet_sim.cli.upkeep", "change_pin"),
    "control": ("wallet_sim.cli.control", "control"),
    "delete": ("wallet_sim.cli.upkeep", "delete"),
    "enrol": ("wallet_sim.cli.enrol", "enrol"),
    "fleet": ("wallet_sim.cli.fleet", "fleet"),
    "pair": ("wallet_sim.cli.pair", "pair"),
    "pending": ("wallet_sim.cli.signin", "pending"),
    "posture": ("wallet_sim.cli.upkeep", "posture"),
    "recover": ("wallet_sim.cli.signin", "recover"),
    "refuse": ("wallet_sim.cli.signin", "refuse"),
    "screen": ("wallet_sim.cli.screen", "screen"),
    "serve": ("wallet_sim.cli.serve", "serve"),
    "status": ("wallet_sim.cli.upkeep", "status"),
    "watch": ("wallet_sim.cli.serve", "watch"),
}


class _Commands(PhoneGroup):
    """Commands imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
