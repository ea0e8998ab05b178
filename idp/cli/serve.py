"""`ecps-idp serve`: the provider, with its database made ready before any worker starts."""

import os
import secrets
from pathlib import Path
from typing import Any

import click

from idp.cli.common import read_settings, settings_options
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.serving.mounts import MountMalformed, mounted_settings
from idp.serving.plan import (
    CONSOLE_OFFSET,
    METRICS_OFFSET,
    READER_OFFSET,
    TLS_OFFSET,
    HostUnknown,
    PortTaken,
    ServePlan,
    SingleProcessRefused,
    UnsafeExposure,
    check_console,
    check_exposure,
    check_ports,
    check_single_process,
)
from idp.serving.preparation import prepare_database
from idp.serving.readiness import readiness_of
from idp.serving.sockets import Ports, free_ports, hold_ports
from idp.settings import Settings
from idp.store.database import Store
from idp.store.world import find_world

DEFAULT_PORT = 8000


@click.command("serve", epilog="Example: ecps-idp serve --dev --port-base 8000")
@click.option("--dev", is_flag=True, help="A simulation with the development addresses.")
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Port of the provider (default: B); 0 for a port base that is free.",
)
@click.option(
    "--port-base",
    type=click.IntRange(0, 65000),
    help="B: provider B, metrics B+3, TLS B+4, certificates B+5, console B+7; 0 for free ports.  "
    "[default: the port, or 8000]",
)
@click.option(
    "--single-process",
    is_flag=True,
    help="With --dev, for tests: provider and certificates in one process, no console, no metrics; "
    "it ends with the process that started it.",
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --dev: written once the provider answers: addresses and secret as JSON.",
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
    single_process: bool,
    ready_file: Path | None,
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
    # Read at once: who is gone before the server answers is no parent any more.
    started_by = os.getppid()
    ports = _chosen_ports(host, port, port_base, held=single_process)
    tls_port = ports.base + TLS_OFFSET if tls else None
    public_host = "localhost" if host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else host  # noqa: S104 - an address asked for, compared
    address = f"https://{public_host}:{tls_port}" if tls else f"http://{public_host}:{ports.plain}"
    certificate_address = f"https://{public_host}:{ports.certificates}"
    addresses = {
        "base_url": address,
        "card_base_url": certificate_address,
        "mtls_base_url": certificate_address,
        "card_reader_url": f"http://localhost:{ports.base + READER_OFFSET}/reader",
        "console_base_url": f"http://localhost:{ports.base + CONSOLE_OFFSET}",
    }
    settings = _settings(config, database_url, dev=dev, addresses=addresses)
    if ready_file is not None and not settings.dev:
        raise click.UsageError("--ready-file tells the start-up secret: it goes with --dev")
    plan = ServePlan(
        settings=settings,
        host=host,
        port=ports.plain,
        workers=workers,
        metrics_port=None if single_process else ports.base + METRICS_OFFSET,
        tls_port=tls_port,
        tls_folder=_tls_folder(settings),
        insecure_http=insecure_http,
        certificate_port=ports.certificates if settings.dev or certificates else None,
        listener_certificate=_listener_files(
            settings, listener_certificate, listener_key, certificates=certificates
        ),
        console_port=_console_port(
            settings, ports.base, wanted=bool(console) if single_process else console
        ),
    )
    issuers = _checked_issuers(plan, ports, expose=expose)
    for served in issuers.values():
        _prepare(served)
    if certificates and settings.card_base_url:
        _require_simulation(settings)
    _announce(plan, issuers)
    readiness = readiness_of(plan, ready_file)
    # The server is loaded when all is well.
    if ports.held:
        from idp.serving.single_process import run_alone  # noqa: PLC0415 - see above

        run_alone(plan, issuers, ports.held, readiness, started_by)
    from idp.serving.server import run  # noqa: PLC0415 - see above

    if ready_file is not None:
        readiness.wait_aside()
    run(plan, issuers)


def _chosen_ports(host: str, port: int | None, port_base: int | None, *, held: bool) -> Ports:
    base = port_base if port_base is not None else DEFAULT_PORT if port is None else port
    try:
        return hold_ports(host, port or base, base) if held else free_ports(port, base)
    except (HostUnknown, PortTaken) as error:
        raise click.ClickException(str(error)) from error


def _checked_issuers(plan: ServePlan, ports: Ports, *, expose: bool) -> dict[str, Settings]:
    """The settings of each issuer by its path, once what was asked for can be served."""
    try:
        check_exposure(plan, expose=expose)
        check_console(plan)
        if ports.held:
            check_single_process(plan)
        else:
            check_ports(plan)
        return {"": plan.settings} | mounted_settings(plan.settings)
    except (
        UnsafeExposure,
        HostUnknown,
        PortTaken,
        MountMalformed,
        SingleProcessRefused,
    ) as error:
        raise click.ClickException(str(error)) from error


def _prepare(settings: Settings) -> None:
    try:
        prepare_database(settings)
    except ClientMetadataRefused as error:
        raise click.ClickException(str(error)) from error


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


def _require_simulation(settings: Settings) -> None:
    store = Store(settings.database_url)
    with store.read() as db:
        world = find_world(db)
    store.close()
    if world is not None and world.kind == "real":
        raise click.ClickException("card_base_url refuses a real database: its cards are simulated")


def _tls_folder(settings: Settings) -> Path:
    store = Store(settings.database_url)
    database = store.url.database if store.is_sqlite else None
    store.close()
    return Path(f"{database}.tls" if database else "ecps.tls")


def _announce(plan: ServePlan, issuers: dict[str, Settings]) -> None:
    for settings in issuers.values():
        click.echo(f"issuer    {settings.issuer}")
        click.echo(f"discovery {settings.issuer}/.well-known/wallet-openid-configuration")
    if plan.metrics_port is not None:
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
