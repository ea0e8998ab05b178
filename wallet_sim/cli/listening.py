"""Where a served phone listens, and how a person gets there: options of `serve` and `screen`.

Loopback by default. Beyond it a screen holds keys and takes PINs, so that it demands TLS, or an
explicit word against it (decision 2).
"""

import io
import ipaddress
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import qrcode

from wallet_sim.authority import ServerCertificate, server_certificate
from wallet_sim.cli.common import F
from wallet_sim.cli.staying import SECRET_VARIABLE
from wallet_sim.clock import SystemTime
from wallet_sim.door import Door
from wallet_sim.serving import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TLS_FOLDER = "tls"
SCREEN_PORT = 8002
"""Of phones and reader (decision 4)."""

_SHORTEST_SECRET = 16  # characters, where a network may guess
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - addresses asked for, compared
_ANY_DISTANT_ADDRESS = ("192.0.2.1", 9)  # RFC 5737: nothing is sent there


@dataclass(frozen=True)
class Listening:
    """Where to listen, decided before anything starts."""

    host: str
    port: int
    tls: ServerCertificate | None
    names: tuple[str, ...]
    """Names and addresses to answer to, the one to open first."""

    @property
    def address(self) -> str:
        """The address that a person opens, on the device before them."""
        scheme = "https" if self.tls else "http"
        name = f"[{self.names[0]}]" if ":" in self.names[0] else self.names[0]
        return f"{scheme}://{name}:{self.port}"

    @property
    def push_origin(self) -> str:
        """Where a provider on this machine sends pushes: TLS or not, the loopback takes them."""
        return f"http://{self.host if self.host in LOOPBACK else 'localhost'}:{self.port}"

    def door(self, secret: str) -> Door:
        """Who may come in: whoever has the secret, by one of our names.

        Raises:
            UsageError: the secret is too short for a network that may guess.
        """
        if self.host not in LOOPBACK and len(secret) < _SHORTEST_SECRET:
            raise click.UsageError(
                f"{SECRET_VARIABLE} has fewer than {_SHORTEST_SECRET} characters, which a network "
                "may guess: choose a longer one, or leave it out to have one made"
            )
        return Door(secret, LOOPBACK | set(self.names))

    def serve(self, app: "WSGIApplication") -> AbstractContextManager[int]:
        """Serve while the block runs. Raises `PortTaken`."""
        return serve(app, host=self.host, port=self.port, tls=self.tls)

    def tell_other_devices(self) -> None:
        """Print how another device opens it: its address alone, never the secret."""
        if self.names[0] in LOOPBACK:
            return
        drawn = io.StringIO()
        picture = qrcode.QRCode(border=2)
        picture.add_data(f"{self.address}/")
        picture.print_ascii(out=drawn, invert=True)
        click.echo(f"On another device of this network: {self.address}/\n{drawn.getvalue()}")
        if self.tls:
            click.echo(f"It warns until it trusts the authority {self.tls.authority}")


def listening_options(default_port: int) -> Callable[[F], F]:
    """`--host --port --expose --tls --insecure-http --allow-host`, for `listening`."""

    def add(function: F) -> F:
        for option in (
            click.option(
                "--allow-host", multiple=True, metavar="NAME", help="Further host to answer to."
            ),
            click.option("--insecure-http", is_flag=True, help="Let --expose do without TLS."),
            click.option("--tls", is_flag=True, help="Serve TLS, by a development authority."),
            click.option("--expose", is_flag=True, help="Listen beyond the loopback."),
            click.option(
                "--host",
                help="Where to listen.  [default: localhost, or everywhere with --expose]",
            ),
            click.option("--port", type=int, default=default_port, show_default=True),
        ):
            function = option(function)
        return function

    return add


def listening(
    home: Path,
    *,
    host: str | None,
    port: int,
    expose: bool,
    tls: bool,
    insecure_http: bool,
    allow_host: tuple[str, ...],
) -> Listening:
    """Where to listen, by the options; the certificate lies beside the phone's file.

    Raises:
        UsageError: beyond the loopback without `--expose`, or exposed without a word on TLS.
    """
    chosen = host or ("0.0.0.0" if expose else "localhost")  # noqa: S104 - asked for by --expose
    if chosen not in LOOPBACK and not expose:
        raise click.UsageError(f"listening on {chosen} lets others reach the phone: add --expose")
    if expose and not tls and not insecure_http:
        raise click.UsageError("--expose needs --tls, or --insecure-http to do without")
    names = _names(chosen, allow_host)
    certificate = None
    if tls:
        folder = home.expanduser() / TLS_FOLDER
        certificate = server_certificate(folder, names, now=SystemTime().timestamp())
    return Listening(chosen, port, certificate, names)


def _names(host: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Names to answer to; where a person opens it stands first."""
    loopback = sorted(LOOPBACK, reverse=True)
    if host in LOOPBACK:
        return tuple(dict.fromkeys((host, *loopback, *allowed)))
    own = (own_address(), socket.gethostname()) if host in _EVERYWHERE else (host,)
    return tuple(dict.fromkeys((*allowed, *own, *loopback)))


def own_address() -> str:
    """The address of this machine on its network; the loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(_ANY_DISTANT_ADDRESS)
        except OSError:
            return "localhost"
        found: Any = asking.getsockname()[0]
    return str(ipaddress.ip_address(found))
