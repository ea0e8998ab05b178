"""`python -m relying_services`: all services in one process."""

import json
import signal
import threading
from pathlib import Path

import click

from relying_services.following import ClockRefused, ClockSource, clock_of
from relying_services.listening import CannotListen, PortTaken, listening
from relying_services.registrations import REGISTRATIONS
from relying_services.sample import fill
from relying_services.secrets_file import (
    PROVIDER,
    SecretMissing,
    SecretsExposed,
    SecretsWrong,
    secrets_of,
)
from relying_services.service.options import CLOCK_FROM
from relying_services.service.settings import LIMITS, WrongSetting
from relying_services.together import Ground, together

_DEFAULT_BASE = 8000
_REALM = "/auth/realms/esante-wallet"
_NOT_SERVED = (
    *(CannotListen, PortTaken, SecretMissing, SecretsExposed, SecretsWrong, WrongSetting),
    ClockRefused,
)


@click.group("relying_services")
def main() -> None:
    """The services that trust the provider."""


@main.command(
    "serve",
    epilog="Example: … serve --folder var --secrets secrets.json --card-authority persons.crt",
)
@click.option("--issuer", help=f"[default: http://localhost:BASE{_REALM}]")
@click.option(
    "--port-base", type=click.IntRange(1, 65000), default=_DEFAULT_BASE, show_default=True
)
@click.option("--address", default="127.0.0.1", show_default=True, help="To listen on.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where each service keeps its own database.",
)
@click.option(
    "--secrets",
    "secrets_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON object of secrets by client, of mode 600.  [default: NAME_CLIENT_SECRET of each]",
)
@click.option(
    "--card-authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="Certificate of the authority of the cards: GET /pki/persons.crt of the provider.",
)
@click.option(
    "--cpam-agent",
    "cpam_agents",
    multiple=True,
    metavar="NATIONAL_ID",
    help="Who may open the back office of EspacePro; repeated for more.",
)
@click.option(
    "--limits",
    type=click.Choice(list(LIMITS)),
    default="recent",
    show_default=True,
    help="When sign-ins are cut: as in 2007, or as portals do today.",
)
@click.option("--smtp-url", default="", help="smtp://host:port, where mails are handed over.")
@CLOCK_FROM
def serve_command(
    *,
    issuer: str | None,
    port_base: int,
    address: str,
    folder: Path,
    secrets_file: Path | None,
    card_authority: Path,
    cpam_agents: tuple[str, ...],
    limits: str,
    smtp_url: str,
    clock_from: str | None,
) -> None:
    """Serve every service, each on a port of its own, until SIGINT or SIGTERM.

    Catalogue on B+8, EspacePro on B+9, Mon compte on B+10, the billing workstation on B+11,
    messaging on B+12, regulation on B+13, oncology on B+14.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    _make(folder)
    try:
        secret_of = secrets_of(secrets_file)
        source = ClockSource(clock_from, secret_of(PROVIDER)) if clock_from else None
        ground = Ground(
            issuer=(issuer or f"http://localhost:{port_base}{_REALM}").rstrip("/"),
            port_base=port_base,
            folder=folder,
            secret_of=secret_of,
            card_authority=card_authority,
            limits=LIMITS[limits],
            cpam_agents=frozenset(cpam_agents),
            smtp_url=smtp_url,
            clock=clock_of(source),
        )
        with together(ground) as apps, listening(apps, address=address):
            for port, app in apps.items():
                click.echo(f"{app.name:11} http://localhost:{port}")
            ended.wait()
    except _NOT_SERVED as error:
        raise click.ClickException(str(error)) from error


@main.command("registrations", epilog="Example: … registrations --port-base 9000")
@click.option(
    "--port-base", type=click.IntRange(1, 65000), default=_DEFAULT_BASE, show_default=True
)
def registrations_command(*, port_base: int) -> None:
    """Print what the provider must know of each service: JSON, a list of client metadata."""
    told = [each.at(port_base) for each in REGISTRATIONS]
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@main.command("sample", epilog="Example: … sample --folder var")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where each service keeps its own database.",
)
def sample_command(*, folder: Path) -> None:
    """Invent what the services show: people, licences, payments, calls."""
    _make(folder)
    fill(folder)


def _make(folder: Path) -> None:
    """A folder in which nobody else reads: databases hold what was told of people."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


if __name__ == "__main__":
    main()
