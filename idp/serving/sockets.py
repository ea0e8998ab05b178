"""Sockets bound before anything else is known, so that no port is guessed and then lost."""

import contextlib
import socket
from dataclasses import dataclass

from idp.serving.plan import CERTIFICATE_OFFSET, PortTaken, addresses_of, free_port_base

_TRIES = 50
"""How often a free port of one address may be taken on the other."""

Sockets = tuple[socket.socket, ...]


@dataclass(frozen=True)
class Ports:
    """Where everything listens."""

    base: int
    plain: int
    certificates: int
    held: tuple[Sockets, Sockets] | None = None
    """The sockets of both, where this very process serves them."""


def free_ports(port: int | None, base: int) -> Ports:
    """As asked for; a base of zero is one whose ports are free.

    Raises:
        PortTaken: none is.
    """
    base = base or free_port_base()
    return Ports(base, port or base, base + CERTIFICATE_OFFSET)


def hold_ports(host: str, port: int, base: int) -> Ports:
    """Bound at once, so that a free port, where zero is asked for, stays ours.

    Raises:
        HostUnknown: the host names nothing.
        PortTaken: somebody listens there.
    """
    addresses = addresses_of(host)
    plain = hold(addresses, port)
    certificates = hold(addresses, base and base + CERTIFICATE_OFFSET)
    found = port_of(plain)
    return Ports(base or found, found, port_of(certificates), (plain, certificates))


def hold(addresses: list[str], port: int) -> Sockets:
    """One bound socket an address, all at the same port; any free one where the port is 0.

    Raises:
        PortTaken: somebody listens there.
    """
    if port:
        return _hold_all(addresses, port)
    for _ in range(_TRIES):
        with contextlib.suppress(PortTaken):
            return _hold_all(addresses, 0)
    raise PortTaken(f"no port is free on {' and '.join(addresses)}")


def port_of(held: Sockets) -> int:
    """The port at which they are bound."""
    port: int = held[0].getsockname()[1]
    return port


def _hold_all(addresses: list[str], port: int) -> Sockets:
    with contextlib.ExitStack() as unfinished:
        held: list[socket.socket] = []
        for address in addresses:
            bound = unfinished.enter_context(_new_socket(address))
            _bind(bound, address, port)
            held.append(bound)
            port = port_of((bound,))
        unfinished.pop_all()
    return tuple(held)


def _new_socket(address: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _bind(bound: socket.socket, address: str, port: int) -> None:
    if port:  # ports in TIME_WAIT are free; a free one that is asked for must be nobody's
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
    except OSError as error:
        raise PortTaken(
            f"port {port} is taken on {address}: stop what listens there, "
            "or choose other ports with --port-base (0 for free ones)"
        ) from error
