"""Everything of a `--dev` provider in one process, for tests: quick to start, gone at once.

One application answers people on B and cards and services on B+5, and one worker serves it. There
is no console, and the figures for Prometheus are served nowhere.
"""

import gc
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import structlog
from cheroot.wsgi import Server

from idp.clock import Clock
from idp.serving.authority import server_certificate
from idp.serving.certificate_listener import (
    CertificateListener,
    CertificateServer,
    only_certificates,
)
from idp.serving.plan import ServePlan
from idp.serving.readiness import Readiness
from idp.serving.sockets import Sockets
from idp.serving.wsgi import dispatch
from idp.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BACKLOG = 128
_PARENT_WATCH = 0.5
"""Seconds between two looks whether who started the process is still there."""


class PlainServer(Server):
    """cheroot on a socket that is bound already, with a thread a request."""

    def __init__(self, held: socket.socket, app: "WSGIApplication", settings: Settings) -> None:
        super().__init__(
            held.getsockname()[:2],
            app,
            numthreads=settings.dev_threads,
            max=settings.dev_threads,
            server_name="ecps",
            request_queue_size=_BACKLOG,
        )
        self._held = held

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002 - cheroot names it so
        """Take the socket that was bound."""
        del family, type, proto
        self.socket = self._held
        return self._held

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Tell of what went wrong as all other logs do, and of no client that left early."""
        del level
        if traceback:
            structlog.get_logger().error("listener", message=msg)


class _HeldCertificateServer(CertificateServer):
    """The listener that asks for certificates, on a socket that is bound already."""

    def __init__(
        self,
        held: socket.socket,
        app: "WSGIApplication",
        files: tuple[Path, Path],
        settings: Settings,
    ) -> None:
        address, port = held.getsockname()[:2]
        super().__init__(CertificateListener(address, port, *files), app, settings)
        self._held = held

    def bind(self, family: int, type: int, proto: int = 0) -> Any:  # noqa: A002 - cheroot names it so
        """Take the socket that was bound."""
        del family, type, proto
        self.socket = self.ssl_adapter.bind(self._held)
        return self.socket


def run_alone(
    plan: ServePlan,
    issuers: dict[str, Settings],
    held_sockets: tuple[Sockets, Sockets],
    readiness: Readiness,
    started_by: int,
) -> NoReturn:
    """Serve until SIGINT or SIGTERM, or until whoever started this process is gone.

    It does not return: requests that are held would hold its end. What was committed stays.

    Args:
        plan: what is served.
        issuers: settings of each issuer by the path where it stands.
        held_sockets: those that people ask, and those that cards ask.
        readiness: tells who waits for it.
        started_by: process id of the parent, as it was when this process began.
    """
    plain, certificates = held_sockets
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    _end_with_parent(ended, started_by)
    app = dispatch(issuers, plan.demand)
    for held in plain:
        _start(PlainServer(held, app, plan.settings))
    files = _listener_files(plan)
    asking = only_certificates(app)
    for held in certificates:
        _start(_HeldCertificateServer(held, asking, files, plan.settings))
    gc.freeze()
    readiness.wait(ended)
    if not ended.is_set():
        print(readiness.line, flush=True)  # noqa: T201 - for the program that started it
    ended.wait()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _start(server: Server) -> None:
    server.prepare()
    threading.Thread(target=server.serve, name=f"serve-{server.bind_addr}", daemon=True).start()


def _listener_files(plan: ServePlan) -> tuple[Path, Path]:
    """Certificate and key of the listener; the development authority's where none are given."""
    if plan.listener_certificate is not None:
        return plan.listener_certificate
    made = server_certificate(plan.tls_folder, host=plan.host, now=Clock().now())
    return made.certificate, made.key


def _end_with_parent(ended: threading.Event, parent: int) -> None:
    """Leave no process behind a test that was killed: an orphan gets another parent."""

    def watch() -> None:
        while os.getppid() == parent:
            if ended.wait(_PARENT_WATCH):
                return
        ended.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
