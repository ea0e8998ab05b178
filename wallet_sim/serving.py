"""Serving a WSGI application on this machine, and beyond it by TLS (decisions 2 and 4).

The server is werkzeug's, which is meant for development, as all of the simulator is. Here it has
the bounds that a network asks for: so many connections at once, none silent for long, and a
handshake that holds up nobody but who makes it.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from wallet_sim.authority import ServerCertificate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SILENCE = 30
"""Seconds after which a silent connection is closed."""
_MOST_CONNECTIONS = 64
_LOOK_FOR_END = 0.1  # seconds
_LOOPBACK = ("127.0.0.1", "::1")
_HANDSHAKE = b"\x16"  # the first byte of TLS (RFC 8446, 5.1)


class PortTaken(Exception):
    """Another program listens on the port."""


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: addresses hold capabilities, bodies hold PINs."""

    timeout = _SILENCE

    def make_environ(self) -> dict[str, Any]:
        # Each connection has a scheme of its own: see `_Server.finish_request`.
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        return {**super().make_environ(), "wsgi.url_scheme": scheme}

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as the base class
        del type, message, args


class _Server(ThreadedWSGIServer):
    """One listening socket.

    With a certificate it speaks TLS to everybody, and plain HTTP to this machine too: there the
    provider's pushes and its link to the card reader arrive, which know no authority of ours.
    """

    def __init__(
        self, app: "WSGIApplication", listener: socket.socket, tls: ssl.SSLContext | None
    ) -> None:
        host, port = listener.getsockname()[:2]
        # The server duplicates the socket: left to open its own, it would exit where a port is
        # taken.
        super().__init__(host, port, app, _QuietHandler, fd=listener.fileno())
        self.ssl_context = tls
        self._free = threading.BoundedSemaphore(_MOST_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.ssl_context is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(_SILENCE)
        try:
            if request.recv(1, socket.MSG_PEEK) == _HANDSHAKE:
                self._finish_by_tls(request, client_address, self.ssl_context)
            elif ipaddress.ip_address(client_address[0]).is_loopback:
                super().finish_request(request, client_address)
        except OSError:
            return  # whoever called went away, or speaks no TLS that is still safe

    def _finish_by_tls(self, request: Any, client_address: Any, tls: ssl.SSLContext) -> None:
        with tls.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)


@contextmanager
def serve(
    app: "WSGIApplication", *, host: str, port: int, tls: ServerCertificate | None = None
) -> Iterator[int]:
    """Serve in the background while the block runs; gives the port (0 asks for a free one).

    Wherever it listens, it answers on the loopback as well.

    Raises:
        PortTaken: the port is in use, or the host is no address of this machine.
    """
    context = _context(tls) if tls else None
    listeners = _listen(host, port)
    servers = [_Server(app, listener, context) for listener in listeners]
    for listener in listeners:
        listener.close()
    threads = [
        threading.Thread(target=server.serve_forever, args=(_LOOK_FOR_END,), daemon=True)
        for server in servers
    ]
    for thread in threads:
        thread.start()
    try:
        yield servers[0].port
    finally:
        _stop(servers, threads)


def _stop(servers: list[_Server], threads: list[threading.Thread]) -> None:
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def _listen(host: str, port: int) -> list[socket.socket]:
    first, *others = _addresses(host)
    listeners = [_bind(first, port)]
    port = listeners[0].getsockname()[1]
    for address in others:
        try:
            listeners.append(_bind(address, port))
        except PortTaken:
            continue  # a machine without IPv6: 127.0.0.1 serves alone
    return listeners


def _addresses(host: str) -> tuple[str, ...]:
    if host in _LOOPBACK:
        return (host,)
    if host == "localhost":
        return _LOOPBACK
    covered = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host)  # noqa: S104 - compared
    return (host, *(address for address in _LOOPBACK if address != covered))


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on port {port} of {address} ({error.strerror}): "
            "choose another with --port"
        ) from error


def _context(certificate: ServerCertificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context
