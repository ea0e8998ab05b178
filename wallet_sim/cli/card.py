"""`ecps-wallet card …`: simulated cards in a terminal."""

import json
from pathlib import Path
from typing import Any

import click

from wallet_sim.card.card import Card, OpenedCard
from wallet_sim.card.errors import CardAbsent
from wallet_sim.card.file import SUFFIX
from wallet_sim.card.maker import make_card
from wallet_sim.card.pkcs11_keys import DEFAULT_MODULE
from wallet_sim.card.reader import handle_of, sign_in
from wallet_sim.card.trust import ServerTrust
from wallet_sim.cli.card_codes import code_options, new_code_options, read_code
from wallet_sim.cli.common import Shell, json_option, print_json

CA_VARIABLE = "ECPS_CARD_CA"

card_option = click.option(
    "--card",
    "which",
    metavar="CARD",
    help="Number or file of the card; not needed where there is one only.",
)
ca_option = click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    envvar=CA_VARIABLE,
    help=f"Authority of the provider's TLS certificate, PEM; also {CA_VARIABLE}. Else the "
    "system's.",
)


@click.group()
def card() -> None:
    """Simulated cards: made, activated, used.

    Example: ecps-wallet card status
    """


@card.command()
@click.option("--idp", required=True, metavar="URL", help="Address of the --dev provider.")
@click.option("--number", required=True, help="Number of the ordered card.")
@click.option(
    "--backend",
    type=click.Choice(["file", "pkcs11"]),
    default="file",
    show_default=True,
    help="Where its private keys lie.",
)
@click.option(
    "--module",
    default=DEFAULT_MODULE,
    show_default=True,
    help="PKCS#11 module of --backend pkcs11.",
)
@json_option
@click.pass_obj
def make(shell: Shell, *, idp: str, number: str, backend: str, module: str, as_json: bool) -> None:
    """Make an ordered card; its code comes by letter. The secret stands in ECPS_DEV_SECRET.

    Example: ecps-wallet card make --idp http://localhost:8000 --number 9700000001
    """
    path = shell.cards / f"{number}{SUFFIX}"
    dev = shell.dev_provider(idp)
    made = make_card(
        path,
        number,
        dev,
        module=module if backend == "pkcs11" else None,
        transport=shell.transport,
    )
    if as_json:
        print_json({**made.face, "file": str(path)})
    else:
        click.echo(f"Card {made.number} of {made.face.get('holder')} is made: {path}")


@card.command()
@card_option
@click.option("--refresh", is_flag=True, help="Take over first what the chip must hold now.")
@json_option
@click.pass_obj
def status(shell: Shell, *, which: str | None, refresh: bool, as_json: bool) -> None:
    """Show what the card says to whoever holds it; no code is needed.

    Example: ecps-wallet card status --refresh --json
    """
    with shell.insert(path_of(shell, which)) as inserted:
        content = inserted.refresh_content() if refresh else inserted.content()
        told: dict[str, Any] = {
            "number": inserted.state.number,
            "tries_left": inserted.state.code.tries_left,
            "unblock_tries_left": inserted.state.unblock.tries_left,
            "backend": inserted.state.backend.kind,
            "content": content,
        }
    if as_json:
        print_json(told)
        return
    for name in ("number", "tries_left", "unblock_tries_left", "backend"):
        click.echo(f"{name}: {told[name]}")
    for name, value in content.items():
        click.echo(f"{name}: {json.dumps(value, ensure_ascii=False)}")


@card.command()
@card_option
@code_options
@click.pass_obj
def activate(shell: Shell, *, which: str | None, code: str | None, code_stdin: bool) -> None:
    """Activate a card that arrived, with its code.

    Example: ecps-wallet card activate --code 1234
    """
    with shell.insert(path_of(shell, which)) as inserted:
        state = open_card(inserted, code, code_stdin=code_stdin).activate()
    click.echo(f"The card is {state}.")


@card.command()
@card_option
@new_code_options
@click.pass_obj
def unblock(
    shell: Shell,
    *,
    which: str | None,
    unblock_code: str | None,
    new_code: str | None,
    code_stdin: bool,
) -> None:
    r"""Give a blocked card a new code, with its unblocking code.

    Example: printf '12345678\n4321\n' | ecps-wallet card unblock --code-stdin
    """
    with shell.insert(path_of(shell, which)) as inserted:
        entered = read_code(unblock_code, code_stdin=code_stdin, prompt="Unblocking code")
        chosen = read_code(new_code, code_stdin=code_stdin, prompt="New code", confirm=True)
        inserted.unblock(entered, chosen)
    click.echo("The card has its new code.")


@card.command("sign-in")
@card_option
@click.option("--handle", help="Handle of the sign-in that waits for a card.")
@click.option("--url", help="Or the address where the sign-in page leads for a card.")
@ca_option
@code_options
@json_option
@click.pass_obj
def sign_in_command(
    shell: Shell,
    *,
    which: str | None,
    handle: str | None,
    url: str | None,
    ca: Path | None,
    code: str | None,
    code_stdin: bool,
    as_json: bool,
) -> None:
    """Sign in: prints the address to open in the browser that began.

    Example: ecps-wallet card sign-in --url 'http://localhost:8002/reader?h=…' --code 1234
    """
    if (handle is None) == (url is None):
        raise click.UsageError("give one of --handle and --url")
    wanted = handle if handle is not None else handle_of(str(url))
    with shell.insert(path_of(shell, which)) as inserted:
        opened = open_card(inserted, code, code_stdin=code_stdin)
        done = sign_in(opened, wanted, ServerTrust(ca), shell.language)
    if as_json:
        print_json({"redirect": done.redirect, "service": done.service})
    else:
        click.echo(f"Signed in to {done.service}. Go on, in the same browser:", err=True)
        click.echo(done.redirect)


def open_card(inserted: Card, code: str | None, *, code_stdin: bool) -> OpenedCard:
    """The card, opened with the code that the options give."""
    return inserted.enter_code(read_code(code, code_stdin=code_stdin, prompt="Code of the card"))


def path_of(shell: Shell, which: str | None) -> Path:
    """The file of the card that the options name."""
    at_hand = sorted(shell.cards.glob(f"*{SUFFIX}"))
    if which is None:
        if len(at_hand) == 1:
            return at_hand[0]
        raise CardAbsent(f"{len(at_hand)} cards in {shell.cards}: name one with --card")
    given = Path(which)
    return given if given.suffix == SUFFIX else shell.cards / f"{which}{SUFFIX}"
