"""`ecps-idp serve`: the provider, with its database made ready before any worker starts."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from idp.cli.common import read_settings, settings_options
from idp.directory.sample import load_sample
from idp.oauth.clients.certificates import check_trust_files
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.oauth.clients.registration import read_clients_file, register, served_grant_types
from idp.portal.client import refuse_portal
from idp.provider import (
    Provider,
    ProviderNotReady,
    bring_up_to_date,
    initialise,
    open_provider,
)
from idp.serving.mounts import MountMalformed, mounted_settings
from idp.serving.plan import (
    CERTIFICATE_OFFSET,
    CONSOLE_OFFSET,
    METRICS_OFFSET,
    READER_OFFSET,
    TLS_OFFSET,
    HostUnknown,
    PortTaken,
    ServePlan,
    UnsafeExposure,
    check_console,
    check_exposure,
    check_ports,
)
from idp.settings import Settings
from idp.store.database import Store
from idp.store.world import find_world

DEFAULT_PORT = 8000


@click.command("serve", epilog="Example: ecps-idp serve --dev --port-base 8000")
@click.option("--dev", is_flag=True, help="A simulation with the development addresses.")
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the provider (default: B).")
@click.option(
    "--port-base",
    type=click.IntRange(1, 65000),
    help="B: provider B, metrics B+3, TLS B+4, certificates B+5, console B+7.  "
    "[default: the port, or 8000]",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--tls", is_flag=True, help="Serve TLS on B+4 too, by a development authority.")
@click.option(
    "--certificates",
    is_flag=True,
    help="Ask for the certificates of cards and services on B+5; always so with --dev.",
)
@click.option(
    "--listener-certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Server certificate on B+5 (PEM, with its chain).  [default with --dev: one is made]",
)
@click.option(
    "--listener-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Private key of --listener-certificate (PEM).",
)
@click.option("--expose", is_flag=True, help="Let --dev listen beyond the loopback.")
@click.option("--insecure-http", is_flag=True, help="Let --expose do without TLS.")
@click.option(
    "--console/--no-console",
    default=None,
    help="Serve the console of operators on B+7.  [default: with --dev alone]",
)
@settings_options
def serve_command(
    *,
    dev: bool,
    host: str,
    port: int | None,
    port_base: int | None,
    workers: int,
    tls: bool,
    certificates: bool,
    listener_certificate: Path | None,
    listener_key: Path | None,
    expose: bool,
    insecure_http: bool,
    console: bool | None,
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
    certificate_address = f"https://{public_host}:{base + CERTIFICATE_OFFSET}"
    addresses = {
        "base_url": address,
        "card_base_url": certificate_address,
        "mtls_base_url": certificate_address,
        "card_reader_url": f"http://localhost:{base + READER_OFFSET}/reader",
        "console_base_url": f"http://localhost:{base + CONSOLE_OFFSET}",
    }
    settings = _settings(config, database_url, dev=dev, addresses=addresses)
    plan = ServePlan(
        settings=settings,
        host=host,
        port=port or base,
        workers=workers,
        metrics_port=base + METRICS_OFFSET,
        tls_port=tls_port,
        tls_folder=_tls_folder(settings),
        insecure_http=insecure_http,
        certificate_port=base + CERTIFICATE_OFFSET if settings.dev or certificates else None,
        listener_certificate=_listener_files(
            settings, listener_certificate, listener_key, certificates=certificates
        ),
        console_port=_console_port(settings, base, wanted=console),
    )
    try:
        check_exposure(plan, expose=expose)
        check_console(plan)
        check_ports(plan)
        issuers = {"": settings} | mounted_settings(settings)
    except (UnsafeExposure, HostUnknown, PortTaken, MountMalformed) as error:
        raise click.ClickException(str(error)) from error
    for served in issuers.values():
        prepare_database(served)
    if certificates and settings.card_base_url:
        _require_simulation(settings)
    _announce(plan, issuers)
    from idp.serving.server import run  # noqa: PLC0415 - the server is loaded when all is well

    run(plan, issuers)


def _settings(
    config: Path | None, database_url: str | None, *, dev: bool, addresses: dict[str, Any]
) -> Settings:
    """What was configured; in `--dev` the addresses follow the ports where they were not."""
    given: dict[str, Any] = {"config": config, "database_url": database_url}
    if dev:
        given["dev"] = True
        if not os.environ.get("ECPS_DEV_SECRET"):
            given["dev_secret"] = secrets.token_urlsafe(24)
    settings = read_settings(**given)
    derived = set(addresses) if settings.dev else {"base_url"}
    missing = derived - settings.model_fields_set
    return read_settings(**given, **{name: addresses[name] for name in missing})


def _console_port(settings: Settings, base: int, *, wanted: bool | None) -> int | None:
    """Where the console listens; nowhere unless asked for, but in `--dev` (decision 2)."""
    if not (settings.dev if wanted is None else wanted):
        return None
    return settings.console_port or base + CONSOLE_OFFSET


def _listener_files(
    settings: Settings, certificate: Path | None, key: Path | None, *, certificates: bool
) -> tuple[Path, Path] | None:
    """The files of the listener; nothing where the development authority makes them."""
    if certificates and not (settings.card_base_url or settings.mtls_base_url):
        raise click.UsageError(
            "--certificates needs the setting card_base_url or mtls_base_url without --dev"
        )
    if certificate is not None and key is not None:
        return certificate, key
    if certificate is not None or key is not None:
        raise click.UsageError("--listener-certificate and --listener-key go together")
    if certificates and not settings.dev:
        raise click.UsageError(
            "--certificates needs --listener-certificate and --listener-key without --dev"
        )
    return None


def prepare_database(settings: Settings) -> None:
    """Migrate once, before workers start; in `--dev` make and fill a new simulation.

    Raises:
        ProviderNotReady: the database was never initialised, or contradicts the settings, or a
            file of trusted authorities cannot be read.
    """
    check_trust_files(settings)
    bring_up_to_date(settings)
    store = Store(settings.database_url)
    try:
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
        if settings.dev and world is None and not settings.is_of_an_api:
            load_sample(provider)
        if settings.clients_file:
            _register_clients(provider, Path(settings.clients_file))
    finally:
        provider.store.close()


def _require_simulation(settings: Settings) -> None:
    store = Store(settings.database_url)
    with store.read() as db:
        world = find_world(db)
    store.close()
    if world is not None and world.kind == "real":
        raise click.ClickException("card_base_url refuses a real database: its cards are simulated")


def _register_clients(provider: Provider, file: Path) -> None:
    try:
        with provider.store.begin() as db:
            for metadata in read_clients_file(file):
                refuse_portal(metadata.client_id)
                register(
                    db,
                    metadata,
                    kind=provider.kind,
                    sealer=provider.sealer,
                    now=provider.clock.now(),
                    grant_types=served_grant_types(provider.settings),
                )
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
    if plan.certificate_port is not None:
        shown = plan.settings.card_base_url or plan.settings.mtls_base_url
        click.echo(f"TLS asks  {shown} (for the certificates of cards and services)")
    if plan.console_port is not None:
        click.echo(f"console   {plan.settings.console_base_url}")
    if plan.settings.dev:
        click.echo(f"secret    {plan.settings.dev_secret.get_secret_value()}")
        click.echo("simulation: every person and card here is invented", err=True)
