"""Several applications in one process, each on a port of its own."""

import errno
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from cheroot.wsgi import Server
from flask import Flask

_THREADS = 4
"""For the requests of one application."""
_END_SECONDS = 5


class PortTaken(Exception):
    """Another process listens there; the message names the port and the way out."""


class CannotListen(Exception):
    """The address is none of this machine, or its port is not ours; the message says which."""


@contextmanager
def listening(apps: Mapping[int, Flask], *, address: str) -> Iterator[None]:
    """Serve applications while the block runs; requests that are under way end first.

    Args:
        apps: by port.
        address: IP address to listen on.

    Raises:
        PortTaken: a port is in use.
        CannotListen: the address is none of this machine, or the port is not ours to take.
    """
    with ExitStack() as stack:
        held = {
            port: stack.enter_context(bound(address, port, instead="others with --port-base"))
            for port in apps
        }
        for port, app in apps.items():
            server = _HeldServer(held[port], app)
            server.prepare()
            thread = threading.Thread(target=server.serve, name=f"serve-{app.name}", daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.stop)
        yield


def bound(address: str, port: int, *, instead: str) -> socket.socket:
    """A socket that listens there.

    Args:
        address: IP address.
        port: to listen on.
        instead: what can be chosen where the port is taken, and by which option.

    Raises:
        PortTaken: the port is in use.
        CannotListen: the address is none of this machine, or the port is not ours to take.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise CannotListen(f"{address} port {port}: {error}") from error
        raise PortTaken(f"port {port} is taken: choose {instead}") from error


class _HeldServer(Server):
    """cheroot on a socket that is bound already."""

    def __init__(self, held: socket.socket, app: Flask) -> None:
        super().__init__(
            held.getsockname()[:2],
            app,
            numthreads=_THREADS,
            max=_THREADS,
            server_name=app.name,
            shutdown_timeout=_END_SECONDS,
        )
        self._held = held

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:  # noqa: A002 - cheroot names it so
        """Take the socket that was bound."""
        del family, type, proto
        self.socket = self._held
        return self._held
