"""What the commands share that keep phones on: their secret, their reader, and how they end."""

import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.cli.common import Shell
from wallet_sim.errors import PhoneError
from wallet_sim.receiver import Receiver
from wallet_sim.screen.handset import DEFAULT_PROVIDER
from wallet_sim.screen.watching import ASK_ANYWAY

SECRET_VARIABLE = "ECPS_CONTROL_SECRET"  # noqa: S105 - the name of a variable

_SECRET_BYTES = 24
_PARENT_WATCH = 0.5
"""Seconds between two looks whether who started the process is still there."""

provider_option = click.option(
    "--idp",
    default=DEFAULT_PROVIDER,
    show_default=True,
    help="Identity provider that an activation on the pages proposes.",
)


def start_up_secret() -> tuple[str, bool]:
    """The secret of the environment, else a new one; and whether it was made here."""
    given = os.environ.get(SECRET_VARIABLE, "")
    return (given, False) if given else (new_secret(), True)


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def reader_of(shell: Shell, ca: Path | None) -> Reader:
    """The card reader, with the cards at hand."""
    return Reader(shell.cards, shell.insert, ServerTrust(ca), language=shell.language)


def stay_subscribed(receivers: Callable[[], Iterable[Receiver]], ended: threading.Event) -> None:
    """Tell the provider where each phone listens, whenever it holds a new e-CPS; until the end.

    Args:
        receivers: gives those of the phones; asked again each time, as phones may be added.
        ended: set when the command is to end.
    """
    told: dict[Receiver, str] = {}
    while True:
        for receiver in receivers():
            _keep_subscribed(receiver, told)
        if ended.wait(ASK_ANYWAY):
            return


def end_by_signal() -> threading.Event:
    """Set by Ctrl-C, or when the process is asked to end."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def end_with_parent(ended: threading.Event) -> None:
    """Set it, too, when whoever started this process is gone: an orphan gets another parent."""
    parent = os.getppid()

    def watch() -> None:
        while not ended.wait(_PARENT_WATCH):
            if os.getppid() != parent:
                ended.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _keep_subscribed(receiver: Receiver, told: dict[Receiver, str]) -> None:
    try:
        receiver.keep_subscribed()
    except PhoneError as error:
        if str(error) != told.get(receiver):
            told[receiver] = str(error)
            click.echo(f"No pushes yet ({error}); the phone asks by itself.", err=True)
