"""`ecps-wallet change-pin | status | posture | delete`."""

import click

from wallet_sim.cli.common import (
    PIN_VARIABLE,
    Shell,
    json_option,
    print_json,
    read_pin,
    warn_of_plain_pin,
)

NEW_PIN_VARIABLE = "ECPS_WALLET_NEW_PIN"


@click.command("change-pin")
@click.option(
    "--pin", envvar=PIN_VARIABLE, help=f"Present PIN; also {PIN_VARIABLE}. Asked where missing."
)
@click.option(
    "--new-pin",
    envvar=NEW_PIN_VARIABLE,
    help=f"New PIN; also {NEW_PIN_VARIABLE}. Asked where missing.",
)
@click.option("--pin-stdin", is_flag=True, help="Read both from standard input, one a line.")
@json_option
@click.pass_obj
def change_pin(
    shell: Shell, *, pin: str | None, new_pin: str | None, pin_stdin: bool, as_json: bool
) -> None:
    r"""Change the PIN.

    Example: printf '2580\n1379\n' | ecps-wallet --home /tmp/phone change-pin --pin-stdin
    """
    entered = read_pin(pin, pin_stdin=pin_stdin, prompt="Present PIN")
    chosen = read_pin(new_pin, pin_stdin=pin_stdin, prompt="New PIN", confirm=True)
    with shell.phone() as phone:
        warn_of_plain_pin(phone, "pin", "new_pin")
        phone.change_pin(entered, chosen)
    if as_json:
        print_json({"outcome": "committed"})
    else:
        click.echo("The PIN is changed.")


@click.command()
@json_option
@click.pass_obj
def status(shell: Shell, *, as_json: bool) -> None:
    """Show the e-CPS of this phone and its state at the provider.

    Example: ecps-wallet --home /tmp/phone status --json
    """
    with shell.phone() as phone:
        told = phone.status()
    if as_json:
        print_json({**told.identity.model_dump(), "provider": told.provider})
        return
    click.echo(f"e-CPS of {told.identity.display_name} ({told.identity.national_id})")
    for name in ("state", "pin_generation", "failures_since_success", "locked_until", "expires_at"):
        click.echo(f"{name}: {told.provider.get(name)}")


@click.command()
@click.option("--rooted/--not-rooted", default=None, help="Whether the phone is rooted.")
@click.option(
    "--official-store/--other-store", default=None, help="Where the application came from."
)
@click.option("--sim", metavar="NAME", help="Put in another SIM card, of any name.")
@json_option
@click.pass_obj
def posture(
    shell: Shell,
    *,
    rooted: bool | None,
    official_store: bool | None,
    sim: str | None,
    as_json: bool,
) -> None:
    """Show or change what the phone declares of itself.

    Example: ecps-wallet --home /tmp/phone posture --sim another
    """
    with shell.phone() as phone:
        declared = phone.set_posture(rooted=rooted, official_store=official_store, sim=sim)
    if as_json:
        print_json(declared.model_dump())
    else:
        for name, value in declared.model_dump().items():
            click.echo(f"{name}: {value}")


@click.command()
@click.confirmation_option(prompt="Delete the e-CPS of this phone?")
@json_option
@click.pass_obj
def delete(shell: Shell, *, as_json: bool) -> None:
    """Delete the e-CPS, at the provider and on this phone.

    Example: ecps-wallet --home /tmp/phone delete --yes
    """
    with shell.phone() as phone:
        phone.delete()
    if as_json:
        print_json({"outcome": "deleted"})
    else:
        click.echo("Deleted.")
