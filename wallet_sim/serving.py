"""Serving a WSGI application on this machine's two loopback addresses (decision 4)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: addresses hold capabilities, bodies hold PINs."""

    timeout = 30
    """Seconds after which a silent connection is closed."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as the base class
        del type, message, args


class PortTaken(Exception):
    """Another program listens on the port."""


@contextmanager
def serve(app: "WSGIApplication", *, host: str, port: int) -> Iterator[int]:
    """Serve in the background while the block runs; gives the port (0 asks for a free one).

    Raises:
        PortTaken: the port is in use.
    """
    servers = [_listen(app, "127.0.0.1" if host == "localhost" else host, port)]
    port = servers[0].port
    if host == "localhost":
        servers += _listen_ipv6(app, port)
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield port
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


def _listen(app: "WSGIApplication", host: str, port: int) -> BaseWSGIServer:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise PortTaken(f"port {port} of {host} is taken: choose another with --port") from error
    # The server duplicates the socket: left to open its own, it would exit where a port is taken.
    with listener:
        return make_server(
            host,
            port,
            app,
            threaded=True,
            request_handler=_QuietHandler,
            fd=listener.fileno(),
        )


def _listen_ipv6(app: "WSGIApplication", port: int) -> list[BaseWSGIServer]:
    try:
        return [_listen(app, "::1", port)]
    except PortTaken:
        return []  # a machine without IPv6: 127.0.0.1 serves alone
