"""`ecps-idp serve`: the provider, with its database made ready before any worker starts."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from idp.cli.common import read_settings, settings_options
from idp.directory.sample import load_sample
from idp.oauth.registration import ClientMetadataRefused, read_clients_file, register
from idp.provider import Provider, ProviderNotReady, initialise, open_provider
from idp.serving.mounts import MountMalformed, mounted_settings
from idp.serving.plan import (
    METRICS_OFFSET,
    TLS_OFFSET,
    HostUnknown,
    PortTaken,
    ServePlan,
    UnsafeExposure,
    check_exposure,
    check_ports,
)
from idp.settings import Settings
from idp.store.database import Store
from idp.store.migrate import upgrade
from idp.store.world import find_world

DEFAULT_PORT = 8000


@click.command("serve", epilog="Example: ecps-idp serve --dev --port-base 8000")
@click.option("--dev", is_flag=True, help="A simulation with the development addresses.")
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the provider (default: B).")
@click.option(
    "--port-base",
    type=click.IntRange(1, 65000),
    help="B: provider B, metrics B+3, provider over TLS B+4.  [default: the port, or 8000]",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--tls", is_flag=True, help="Serve TLS on B+4 too, by a development authority.")
@click.option("--expose", is_flag=True, help="Let --dev listen beyond the loopback.")
@click.option("--insecure-http", is_flag=True, help="Let --expose do without TLS.")
@settings_options
def serve_command(
    *,
    dev: bool,
    host: str,
    port: int | None,
    port_base: int | None,
    workers: int,
    tls: bool,
    expose: bool,
    insecure_http: bool,
    config: Path | None,
    database_url: str | None,
) -> None:
    """Serve the provider until interrupted.

    With --dev a simulation database is made where there is none, filled with invented people,
    and its start-up secret is printed (or taken from ECPS_DEV_SECRET).
    """
    base = port_base or port or DEFAULT_PORT
    tls_port = base + TLS_OFFSET if tls else None
    public_host = "localhost" if host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else host  # noqa: S104 - an address asked for, compared
    address = f"https://{public_host}:{tls_port}" if tls else f"http://{public_host}:{port or base}"
    settings = _settings(config, database_url, dev=dev, address=address)
    plan = ServePlan(
        settings=settings,
        host=host,
        port=port or base,
        workers=workers,
        metrics_port=base + METRICS_OFFSET,
        tls_port=tls_port,
        tls_folder=_tls_folder(settings),
        insecure_http=insecure_http,
    )
    try:
        check_exposure(plan, expose=expose)
        check_ports(plan)
        issuers = {"": settings} | mounted_settings(settings)
    except (UnsafeExposure, HostUnknown, PortTaken, MountMalformed) as error:
        raise click.ClickException(str(error)) from error
    for served in issuers.values():
        prepare_database(served)
    _announce(plan, issuers)
    from idp.serving.server import run  # noqa: PLC0415 - the server is loaded when all is well

    run(plan, issuers)


def _settings(
    config: Path | None, database_url: str | None, *, dev: bool, address: str
) -> Settings:
    given: dict[str, Any] = {"config": config, "database_url": database_url}
    if dev:
        given["dev"] = True
        if not os.environ.get("ECPS_DEV_SECRET"):
            given["dev_secret"] = secrets.token_urlsafe(24)
    settings = read_settings(**given)
    if "base_url" in settings.model_fields_set:
        return settings
    return read_settings(**given, base_url=address)


def prepare_database(settings: Settings) -> None:
    """Migrate once, before workers start; in `--dev` make and fill a new simulation.

    Raises:
        ProviderNotReady: the database was never initialised, or contradicts the settings.
    """
    store = Store(settings.database_url)
    try:
        upgrade(store)
        with store.read() as db:
            world = find_world(db)
    finally:
        store.close()
    if world is None and not settings.dev:
        raise ProviderNotReady("the database has no stamp yet: run `ecps-idp db init`")
    if world is None:
        initialise(settings, kind="simulation")
    provider = open_provider(settings)
    try:
        if settings.dev and world is None:
            load_sample(provider)
        if settings.clients_file:
            _register_clients(provider, Path(settings.clients_file))
    finally:
        provider.store.close()


def _register_clients(provider: Provider, file: Path) -> None:
    try:
        with provider.store.begin() as db:
            for metadata in read_clients_file(file):
                register(db, metadata, kind=provider.kind, now=provider.clock.now())
    except ClientMetadataRefused as error:
        raise click.ClickException(str(error)) from error


def _tls_folder(settings: Settings) -> Path:
    store = Store(settings.database_url)
    database = store.url.database if store.is_sqlite else None
    store.close()
    return Path(f"{database}.tls" if database else "ecps.tls")


def _announce(plan: ServePlan, issuers: dict[str, Settings]) -> None:
    for settings in issuers.values():
        click.echo(f"issuer    {settings.issuer}")
        click.echo(f"discovery {settings.issuer}/.well-known/wallet-openid-configuration")
    click.echo(f"metrics   http://{plan.host}:{plan.metrics_port}/metrics")
    if plan.tls_port is not None:
        click.echo(f"authority {plan.tls_folder / 'ca.pem'} (trust it for TLS on {plan.tls_port})")
    if plan.settings.dev:
        click.echo(f"secret    {plan.settings.dev_secret.get_secret_value()}")
        click.echo("simulation: every person and card here is invented", err=True)
