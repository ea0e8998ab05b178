"""`ecps-idp db`: what the database is, and bringing it up to date."""

from typing import Any

import click

from idp.cli.common import json_option, pass_settings, print_json
from idp.directory.sample import load_sample
from idp.keys.keyring import NoActiveKey
from idp.provider import ProviderNotReady, bring_up_to_date, initialise, open_provider
from idp.settings import Settings
from idp.store.database import Store
from idp.store.migrate import is_current
from idp.store.world import find_world


@click.group("db", epilog="Example: ecps-idp db init --database-url sqlite:///ecps.db")
def db_group() -> None:
    """Initialise, upgrade and look at the database."""


@db_group.command("init", epilog="Example: ecps-idp db init --sample")
@click.option(
    "--real",
    is_flag=True,
    help="A real database, for good: profile, base_url and a key source must be set (decision 1).",
)
@click.option("--sample", is_flag=True, help="Load the invented sample people.")
@pass_settings
def init_command(settings: Settings, *, real: bool, sample: bool) -> None:
    """Migrate a new database, stamp it `simulation` or `real` for good, and make its keys."""
    if real and sample:
        raise click.UsageError("a real database holds no sample people (decision 1)")
    initialise(settings, kind="real" if real else "simulation")
    if sample:
        provider = open_provider(settings)
        load_sample(provider)
        provider.store.close()
    click.echo(f"initialised: {'real' if real else 'simulation'}")


@db_group.command("upgrade", epilog="Example: ecps-idp db upgrade --config ecps.toml")
@pass_settings
def upgrade_command(settings: Settings) -> None:
    """Bring schema and keys up to this version; simultaneous upgrades wait for each other."""
    bring_up_to_date(settings)
    click.echo("up to date")


@db_group.command("status", epilog="Example: ecps-idp db status --json")
@json_option
@pass_settings
def status_command(settings: Settings, *, as_json: bool) -> None:
    """What the database is; exit status 1 when it cannot be served."""
    status = database_status(settings)
    if as_json:
        print_json(status)
    else:
        for name, value in status.items():
            click.echo(f"{name}: {value}")
    if not status["current"] or not status["initialised"]:
        raise ProviderNotReady("the database cannot be served: see `ecps-idp db init --help`")


def database_status(settings: Settings) -> dict[str, Any]:
    """The stamp of the database and whether its schema and keys can be served."""
    store = Store(settings.database_url)
    try:
        if not is_current(store):
            return {"current": False, "initialised": False}
        with store.read() as db:
            world = find_world(db)
    finally:
        store.close()
    if world is None:
        return {"current": True, "initialised": False}
    return {
        "current": True,
        "initialised": True,
        "kind": world.kind,
        "profile": world.profile,
        "issuer": world.issuer,
        "directory_generation": world.directory_generation,
        "created_at": world.created_at.isoformat(),
        "signing_key": _signing_key(settings),
    }


def _signing_key(settings: Settings) -> str | None:
    provider = open_provider(settings)
    try:
        return provider.keyring.active("tokens").kid
    except NoActiveKey:
        return None
    finally:
        provider.store.close()
