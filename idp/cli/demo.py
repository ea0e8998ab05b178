"""`ecps-idp demo`: the whole path on one machine, each part a process of its own."""

import contextlib
import secrets
import shutil
import signal
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import click
import httpx

from idp.cli import demo_card_walk, demo_ciba_walk, demo_services, demo_walk, story_substitute
from idp.cli.demo_processes import DidNotStart, Program, run, start
from idp.cli.demo_stage import Hand, StepFailed, Walk
from idp.cli.demo_telling import story_told, walk_told
from idp.serving.plan import (
    CERTIFICATE_OFFSET,
    CONSOLE_OFFSET,
    METRICS_OFFSET,
    READER_OFFSET,
    PortTaken,
    check_port,
)
from idp.settings import REALM_PATH

_Stage = TypeVar("_Stage")
_CLIENT = "service-demo"
_SERVICE_OFFSET = 1
_PORTS = (
    *(0, _SERVICE_OFFSET, READER_OFFSET, METRICS_OFFSET, CERTIFICATE_OFFSET, CONSOLE_OFFSET),
    *demo_services.PORTS,
)
_PHONES = ("solene", "anatole")
_CUT_SHORT = 128 + signal.SIGINT
"""As shells tell a program that was interrupted."""
_STEPS = demo_walk.STEPS + demo_ciba_walk.STEPS + demo_card_walk.STEPS
_STEPS += demo_ciba_walk.CARD_STEPS + demo_card_walk.END


@click.command("demo", epilog="Example: ecps-idp demo --once --port-base 9000")
@click.option("--once", is_flag=True, help="End after the walk; exit status 0 when all of it held.")
@click.option(
    "--story",
    "plays_story",
    type=click.Choice(["substitute"]),
    help="Play a whole replacement at the services instead: delegation, work, billing, its end.",
)
@click.option("--open", "opens", is_flag=True, help="Open the pages in the browser afterwards.")
@click.option("--port-base", type=click.IntRange(1, 65000), default=8000, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where database and logs are written, in a folder of each run.  [default: temporary]",
)
def demo_command(
    *, once: bool, plays_story: str | None, opens: bool, port_base: int, folder: Path | None
) -> None:
    """Enrol a phone by identifier and another by card, sign in; then stay up for you.

    Sign-ins begin in a browser, and without one as business software does (CIBA).

    Provider on B, service on B+1, phones and card reader on B+2, metrics on B+3, cards over TLS on
    B+5, console of operators on B+7, services that trust it on B+8 to B+14.
    """
    _check_ports(port_base)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="ecps-demo-", dir=folder))
    signal.signal(signal.SIGTERM, _interrupt)
    status = 0
    try:
        with contextlib.ExitStack() as stack:
            walk = _start(stack, place, port_base, once=once)
            if plays_story:
                _play(story_substitute.STEPS, story_substitute.begin(walk))
            else:
                _play(_STEPS, walk)
            if not once:
                click.echo(story_told(walk) if plays_story else walk_told(walk))
                if opens:
                    _open_pages(walk)
                _stay()
    except DidNotStart as error:
        raise click.ClickException(str(error)) from error
    except StepFailed as error:
        raise click.ClickException(f"{error}\nlogs: {place}") from error
    except KeyboardInterrupt:
        click.echo("\nstopped")
        # Of a walk that was to end by itself, not all held.
        status = _CUT_SHORT if once else 0
    shutil.rmtree(place, ignore_errors=True)
    if status:
        raise click.exceptions.Exit(status)


def _check_ports(base: int) -> None:
    for offset in _PORTS:
        try:
            check_port("127.0.0.1", base + offset)
        except PortTaken as error:
            raise click.ClickException(str(error)) from error


def _start(stack: contextlib.ExitStack, place: Path, base: int, *, once: bool) -> Walk:
    """Start provider, services and screen; each is stopped with the stack.

    Where nobody stays, there is no console, and the provider is one process.
    """
    provider, service, screen, console = (
        f"http://localhost:{base + offset}"
        for offset in (0, _SERVICE_OFFSET, READER_OFFSET, CONSOLE_OFFSET)
    )
    dev_secret, control_secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    client_secret = secrets.token_urlsafe(24)
    database = f"sqlite:///{place / 'ecps.db'}"

    def started(name: str, arguments: list[str], url: str, environment: dict[str, str]) -> Program:
        program = start(name, arguments, folder=place, environment=environment)
        stack.callback(program.stop)
        program.wait_until(url)
        return program

    click.echo(f"Starting the provider on {provider}, with a new database of invented people …")
    serve = ["idp.cli", "serve", "--dev", "--port-base", str(base), "--database-url", database]
    serve += ["--single-process"] if once else []
    started("provider", serve, f"{provider}/readyz", {"ECPS_DEV_SECRET": dev_secret})
    click.echo(f"Registering the service: ecps-idp client add {_CLIENT} --redirect-uri … --ciba")
    add = ["idp.cli", "client", "add", _CLIENT, "--database-url", database, "--secret-stdin"]
    names = ["--name", "Service de démonstration", "--redirect-uri", f"{service}/callback"]
    logout = ["--post-logout-redirect-uri", f"{service}/signed-out", "--development"]
    logout += ["--backchannel-logout-uri", f"{service}/backchannel-logout"]
    run([*add, *names, *logout, "--ciba"], environment={}, typed=client_secret + "\n")
    click.echo(f"Starting the service on {service} and two phones with a card reader on {screen} …")
    issuer = provider + REALM_PATH
    arguments = ["--issuer", issuer, "--client-id", _CLIENT, "--port", str(base + 1)]
    arguments += ["--clock-from", provider]
    started(
        "service",
        ["relying_services.demo", *arguments],
        f"{service}/",
        {"DEMO_CLIENT_SECRET": client_secret, "ECPS_DEV_SECRET": dev_secret},
    )
    authority = str(place / "ecps.db.tls" / "ca.pem")
    told = {"ECPS_CONTROL_SECRET": control_secret, "ECPS_DEV_SECRET": dev_secret}
    home = ["wallet_sim.cli", "--home", str(place / "screen")]
    phones = [f"--phone={name}={place / name}" for name in _PHONES]
    port = ["--port", str(base + READER_OFFSET), "--idp", provider, "--ca", authority]
    started("screen", [*home, "screen", *phones, *port], f"{screen}/", told)

    def make_card(number: str) -> None:
        run([*home, "card", "make", "--idp", provider, "--number", number], environment=told)

    services = demo_services.open_services(
        started, place, base, dev_secret=dev_secret, reader_secret=control_secret
    )
    first, second = (Hand(f"{screen}/phones/{name}", control_secret) for name in _PHONES)
    return Walk(
        provider=provider,
        service=service,
        console=console,
        phone=first,
        new_phone=second,
        reader=Hand(screen, control_secret),
        dev_secret=dev_secret,
        client=(_CLIENT, client_secret),
        make_card=make_card,
        tell=click.echo,
        pause=_pause,
        services=services,
        place=place,
    )


def _play(steps: Sequence[tuple[str, Callable[[_Stage], None]]], stage: _Stage) -> None:
    for number, (name, step) in enumerate(steps, start=1):
        click.secho(f"\n{number}/{len(steps)} {name}", bold=True)
        try:
            step(stage)
        except StepFailed as error:
            raise StepFailed(f"step {number} ({name}) failed: {error}") from error
        except (httpx.TransportError, KeyError, ValueError) as error:
            raise StepFailed(
                f"step {number} ({name}) failed: {type(error).__name__}: {error}"
            ) from error
    click.secho("\nThe whole path held.", bold=True)


def _open_pages(walk: Walk) -> None:
    own = (walk.service, walk.reader.url, f"{walk.provider}/portail", walk.console)
    for address in (*own, *walk.services.values()):
        webbrowser.open(address)


def _stay() -> NoReturn:
    while True:
        _nothing_happens.wait()


_nothing_happens = threading.Event()


def _pause(seconds: float) -> None:
    _nothing_happens.wait(seconds)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
