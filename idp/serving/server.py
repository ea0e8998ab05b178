"""Running the provider: one server process a listener, workers below it, metrics beside."""

import contextlib
import logging
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server import Server

from idp.clock import Clock
from idp.serving.authority import ServerCertificate, server_certificate
from idp.serving.certificate_listener import CertificateListener, serve_certificates
from idp.serving.metrics import serve_metrics
from idp.serving.plan import LOOPBACK, ServePlan
from idp.serving.relay import LoopbackRelay
from idp.serving.wsgi import ROOT, Served, application_loader, console_loader
from idp.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_KILL_AFTER = 10
L = TypeVar("L")


@dataclass(frozen=True)
class Listener:
    """One address that is served."""

    address: str
    port: int
    workers: int
    files: tuple[Path, Path] | None = None
    """Certificate and key, where it serves TLS."""
    threads: int = 1
    """Requests that a worker answers at once (measured.md, pitfall 3)."""


def run(plan: ServePlan, issuers: dict[str, Settings]) -> None:
    """Serve until SIGINT or SIGTERM; every child is gone when this returns.

    The databases are migrated already (measured.md, pitfall 4).
    """
    # A forked worker would inherit open database connections and the relay's thread.
    multiprocessing.set_start_method("spawn", force=True)
    # In a simulation an answer may be late by request: it must not keep the others waiting.
    threads = plan.settings.dev_threads if plan.settings.dev else 1
    served = Served(issuers, plan.demand)
    with contextlib.ExitStack() as stack:
        if plan.metrics_port is not None:
            stack.enter_context(serve_metrics(plan.plain_address, plan.metrics_port))
        for port in _relayed_ports(plan):
            relay = LoopbackRelay(port)
            relay.start()
            stack.callback(relay.stop)
        if plan.tls_port is not None:
            made = _development_certificate(plan)
            files = made.certificate, made.key
            secure = Listener(plan.addresses[0], plan.tls_port, plan.workers, files, threads)
            stack.enter_context(_beside("tls", serve_listener, secure, served))
        if plan.certificate_port is not None:
            shown = _listener_certificate(plan)
            asking = CertificateListener(plan.addresses[0], plan.certificate_port, *shown)
            stack.enter_context(_beside("certificates", serve_certificates, asking, served))
        if plan.console_port is not None:
            console = _console(plan, plan.console_port)
            stack.enter_context(_beside("console", serve_console, console, served))
        plain = Listener(plan.plain_address, plan.port, plan.workers, threads=threads)
        serve_listener(plain, served)


def serve_listener(listener: Listener, served: Served) -> None:
    """Serve one address, for people, phones and services."""
    _serve(listener, application_loader(served))


def serve_console(listener: Listener, served: Served) -> None:
    """Serve the console of the first issuer, for operators."""
    _serve(listener, console_loader(served.issuers[ROOT]))


def _serve(listener: Listener, loader: Callable[[], "WSGIApplication"]) -> None:
    certificate, key = listener.files or (None, None)
    server = Server(
        "idp.serving.wsgi",
        address=listener.address,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=listener.workers,
        blocking_threads=listener.threads,
        websockets=False,
        log_level=LogLevels.warning,
        ssl_cert=certificate,
        ssl_key=key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=_KILL_AFTER,
    )
    logging.getLogger("_granian").setLevel(logging.WARNING)
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        # An interrupt at the terminal reaches workers too: that they went first is no failure.
        if not server.interrupt_signal:
            raise


def _console(plan: ServePlan, port: int) -> Listener:
    settings = plan.settings
    files = None
    if settings.console_certificate:
        files = Path(settings.console_certificate), Path(settings.console_key)
    return Listener(plan.console_addresses[0], port, 1, files)


def _listener_certificate(plan: ServePlan) -> tuple[Path, Path]:
    if plan.listener_certificate is not None:
        return plan.listener_certificate
    made = _development_certificate(plan)
    return made.certificate, made.key


def _development_certificate(plan: ServePlan) -> ServerCertificate:
    return server_certificate(plan.tls_folder, host=plan.host, now=Clock().now())


@contextlib.contextmanager
def _beside(
    name: str,
    serve: Callable[[L, Served], None],
    listener: L,
    served: Served,
) -> Iterator[None]:
    """Serve another address in a process of its own while the block runs."""
    process = multiprocessing.get_context("spawn").Process(
        target=_serve_in_child, args=(serve, listener, served), name=name
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _serve_in_child(serve: Callable[[L, Served], None], listener: L, served: Served) -> None:
    # The terminal's interrupt goes to the whole group; the parent ends this process in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    multiprocessing.set_start_method("spawn", force=True)
    serve(listener, served)


def _relayed_ports(plan: ServePlan) -> list[int]:
    ports = plan.ports if plan.addresses == list(LOOPBACK) else []
    if plan.console_port is not None and plan.console_addresses == list(LOOPBACK):
        return [*ports, plan.console_port]
    return ports
