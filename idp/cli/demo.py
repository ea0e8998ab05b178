"""`ecps-idp demo`: the whole path on one machine, each part a process of its own."""

import contextlib
import secrets
import shutil
import signal
import tempfile
import threading
import webbrowser
from pathlib import Path
from typing import NoReturn

import click
import httpx

from idp.cli import demo_card_walk, demo_ciba_walk, demo_walk
from idp.cli.demo_card_walk import CARD_HOLDER, CARD_NUMBER
from idp.cli.demo_processes import DidNotStart, Program, run, start
from idp.cli.demo_stage import Hand, StepFailed, Walk
from idp.cli.demo_walk import PERSON, PIN
from idp.serving.plan import (
    CERTIFICATE_OFFSET,
    CONSOLE_OFFSET,
    METRICS_OFFSET,
    READER_OFFSET,
    PortTaken,
    check_port,
)
from idp.settings import REALM_PATH

_CLIENT = "service-demo"
_SERVICE_OFFSET = 1
_PORTS = (0, _SERVICE_OFFSET, READER_OFFSET, METRICS_OFFSET, CERTIFICATE_OFFSET, CONSOLE_OFFSET)
_PHONES = ("solene", "anatole")
_SOMEBODY_ELSE = "899700990031"
"""Who holds no e-CPS yet, for whoever activates one by hand."""
_STEPS = demo_walk.STEPS + demo_ciba_walk.STEPS + demo_card_walk.STEPS
_STEPS += demo_ciba_walk.CARD_STEPS + demo_card_walk.END


@click.command("demo", epilog="Example: ecps-idp demo --once --port-base 9000")
@click.option("--once", is_flag=True, help="End after the walk; exit status 0 when all of it held.")
@click.option("--open", "opens", is_flag=True, help="Open the pages in the browser afterwards.")
@click.option("--port-base", type=click.IntRange(1, 65000), default=8000, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where database and logs are written, in a folder of each run.  [default: temporary]",
)
def demo_command(*, once: bool, opens: bool, port_base: int, folder: Path | None) -> None:
    """Enrol a phone by identifier and another by card, sign in; then stay up for you.

    Sign-ins begin in a browser, and without one as business software does (CIBA).

    Provider on B, service on B+1, phones and card reader on B+2, metrics on B+3, cards over TLS on
    B+5, console of operators on B+7.
    """
    for offset in _PORTS:
        try:
            check_port("127.0.0.1", port_base + offset)
        except PortTaken as error:
            raise click.ClickException(str(error)) from error
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="ecps-demo-", dir=folder))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with contextlib.ExitStack() as stack:
            walk = _start(stack, place, port_base)
            _walk(walk)
            if not once:
                _tell_the_rest(walk, place)
                if opens:
                    _open_pages(walk)
                _stay()
    except DidNotStart as error:
        raise click.ClickException(str(error)) from error
    except StepFailed as error:
        raise click.ClickException(f"{error}\nlogs: {place}") from error
    except KeyboardInterrupt:
        click.echo("\nstopped")
    shutil.rmtree(place, ignore_errors=True)


def _start(stack: contextlib.ExitStack, place: Path, base: int) -> Walk:
    """Start provider, service and screen, in this order; each is stopped with the stack."""
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
    started(
        "service",
        ["relying_services.demo", *arguments],
        f"{service}/",
        {"DEMO_CLIENT_SECRET": client_secret},
    )
    authority = str(place / "ecps.db.tls" / "ca.pem")
    told = {"ECPS_CONTROL_SECRET": control_secret, "ECPS_DEV_SECRET": dev_secret}
    home = ["wallet_sim.cli", "--home", str(place / "screen")]
    phones = [f"--phone={name}={place / name}" for name in _PHONES]
    port = ["--port", str(base + READER_OFFSET), "--idp", provider, "--ca", authority]
    started("screen", [*home, "screen", *phones, *port], f"{screen}/", told)

    def make_card(number: str) -> None:
        run([*home, "card", "make", "--idp", provider, "--number", number], environment=told)

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
    )


def _walk(walk: Walk) -> None:
    for number, (name, step) in enumerate(_STEPS, start=1):
        click.secho(f"\n{number}/{len(_STEPS)} {name}", bold=True)
        try:
            step(walk)
        except StepFailed as error:
            raise StepFailed(f"step {number} ({name}) failed: {error}") from error
        except (httpx.TransportError, KeyError, ValueError) as error:
            raise StepFailed(
                f"step {number} ({name}) failed: {type(error).__name__}: {error}"
            ) from error
    click.secho("\nThe whole path held.", bold=True)


def _tell_the_rest(walk: Walk, place: Path) -> None:
    screen = walk.reader
    click.echo(
        f"""
Open in a browser:
  service     {walk.service}
  screen      {screen.url}   two phones and a card reader; its secret: {screen.secret}
  my account  {walk.provider}/portail
  console     {walk.console}   people, cards, messages, events; its secret: {walk.dev_secret}

By phone   On the service press “Se connecter” and type {PERSON}. On the screen, the phone
           {_PHONES[0]} shows the request: pick the number, type the PIN {PIN} on its keypad.
By card    On the sign-in page choose “Carte CPS”, then the simulated reader: insert {CARD_NUMBER}
           ({CARD_HOLDER}) and type its code {walk.card_code}.
Activate   On the screen add a phone and activate it for {_SOMEBODY_ELSE}. Mail and SMS arrive in
           the console: drag the QR code of the mail onto the phone's camera.
With card  In my account, entered with the card, let a phone be paired: drag its QR code likewise.
Software   {walk.service}/software signs in without a browser: the phone is asked, or the card at
           {screen.url}/reader/requests

Provider's discovery  {walk.provider}{REALM_PATH}/.well-known/wallet-openid-configuration
Mails and SMS         ecps-idp outbox --database-url sqlite:///{place / "ecps.db"}
A service of yours    ecps-idp client add my-service --database-url sqlite:///{place / "ecps.db"}
                        --redirect-uri http://localhost:3000/callback
Logs                  {place}

Press Ctrl-C to end."""
    )


def _open_pages(walk: Walk) -> None:
    for address in (walk.service, walk.reader.url, f"{walk.provider}/portail", walk.console):
        webbrowser.open(address)


def _stay() -> NoReturn:
    while True:
        _nothing_happens.wait()


_nothing_happens = threading.Event()


def _pause(seconds: float) -> None:
    _nothing_happens.wait(seconds)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
