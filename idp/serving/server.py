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
from idp.serving.wsgi import ROOT, application_loader, console_loader
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


def run(plan: ServePlan, issuers: dict[str, Settings]) -> None:
    """Serve until SIGINT or SIGTERM; every child is gone when this returns.

    The databases are migrated already (measured.md, pitfall 4).
    """
    # A forked worker would inherit open database connections and the relay's thread.
    multiprocessing.set_start_method("spawn", force=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(serve_metrics(plan.plain_address, plan.metrics_port))
        for port in _relayed_ports(plan):
            relay = LoopbackRelay(port)
            relay.start()
            stack.callback(relay.stop)
        if plan.tls_port is not None:
            made = _development_certificate(plan)
            files = made.certificate, made.key
            secure = Listener(plan.addresses[0], plan.tls_port, plan.workers, files)
            stack.enter_context(_beside("tls", serve_listener, secure, issuers))
        if plan.certificate_port is not None:
            shown = _listener_certificate(plan)
            asking = CertificateListener(plan.addresses[0], plan.certificate_port, *shown)
            stack.enter_context(_beside("certificates", serve_certificates, asking, issuers))
        if plan.console_port is not None:
            console = _console(plan, plan.console_port)
            stack.enter_context(_beside("console", serve_console, console, issuers))
        serve_listener(Listener(plan.plain_address, plan.port, plan.workers), issuers)


def serve_listener(listener: Listener, issuers: dict[str, Settings]) -> None:
    """Serve one address, for people, phones and services."""
    _serve(listener, application_loader(issuers))


def serve_console(listener: Listener, issuers: dict[str, Settings]) -> None:
    """Serve the console of the first issuer, for operators."""
    _serve(listener, console_loader(issuers[ROOT]))


def _serve(listener: Listener, loader: Callable[[], "WSGIApplication"]) -> None:
    """Serve with one blocking thread a worker (measured.md, pitfall 3)."""
    certificate, key = listener.files or (None, None)
    server = Server(
        "idp.serving.wsgi",
        address=listener.address,
        port=listener.port,
        interface=Interfaces.WSGI,
        workers=listener.workers,
        blocking_threads=1,
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
    serve: Callable[[L, dict[str, Settings]], None],
    listener: L,
    issuers: dict[str, Settings],
) -> Iterator[None]:
    """Serve another address in a process of its own while the block runs."""
    process = multiprocessing.get_context("spawn").Process(
        target=_serve_in_child, args=(serve, listener, issuers), name=name
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _serve_in_child(
    serve: Callable[[L, dict[str, Settings]], None], listener: L, issuers: dict[str, Settings]
) -> None:
    # The terminal's interrupt goes to the whole group; the parent ends this process in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    multiprocessing.set_start_method("spawn", force=True)
    serve(listener, issuers)


def _relayed_ports(plan: ServePlan) -> list[int]:
    ports = plan.ports if plan.addresses == list(LOOPBACK) else []
    if plan.console_port is not None and plan.console_addresses == list(LOOPBACK):
        return [*ports, plan.console_port]
    return ports
