"""Serving the demonstration service by granian, one worker."""

import multiprocessing
import os
from functools import partial

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from relying_services.demo import DemoSettings, create_app


def serve(settings: DemoSettings, *, address: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; sign-ins live in the one worker's memory."""
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "relying_services.demo",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    )
    try:
        server.serve(target_loader=partial(load, settings), wrap_loader=False)
    except SystemExit:
        # An interrupt at the terminal reaches the worker too: that it went first is no failure.
        if not server.interrupt_signal:
            raise


def load(settings: DemoSettings) -> Flask:
    """What the spawned worker serves; the process's environment stays out of its requests."""
    for name in [name for name in os.environ if name.startswith(("HTTP_", "DEMO_"))]:
        del os.environ[name]
    return create_app(settings)
