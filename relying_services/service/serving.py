"""Serving a service by granian, one worker process, threads for requests."""

import multiprocessing
import os
from collections.abc import Callable

import click
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from relying_services.listening import CannotListen, PortTaken, bound


def serve_app(load: Callable[[], Flask], *, address: str, port: int, secrets: str) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        load: makes the application, in the worker.
        address: IP address to listen on.
        port: to listen on.
        secrets: how the names of environment variables begin that hold this service's secrets:
            they are kept out of what the worker's requests see, as is what is for the provider.

    Raises:
        ClickException: another process listens there, or nobody can.
    """
    _check(address, port)
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "relying_services",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    )
    try:
        server.serve(target_loader=Loader(load, secrets), wrap_loader=False)
    except SystemExit:
        # An interrupt at the terminal reaches the worker too: that it went first is no failure.
        if not server.interrupt_signal:
            raise


def _check(address: str, port: int) -> None:
    """Said here in a sentence: granian ends with the trace of a panic."""
    try:
        bound(address, port, instead="another with --port").close()
    except (PortTaken, CannotListen) as error:
        raise click.ClickException(str(error)) from error


class Loader:
    """Makes the application in the spawned worker, whose environment it cleans first."""

    def __init__(self, load: Callable[[], Flask], secrets: str) -> None:
        self._load = load
        self._secrets = secrets

    def __call__(self) -> Flask:
        """The application."""
        kept_out = ("HTTP_", "ECPS_", self._secrets)
        for name in [name for name in os.environ if name.startswith(kept_out)]:
            del os.environ[name]
        return self._load()
