"""What one `serve` starts: addresses, workers and settings, decided before anything runs."""

import ipaddress
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from idp.settings import Settings

READER_OFFSET = 2
METRICS_OFFSET = 3
TLS_OFFSET = 4
CERTIFICATE_OFFSET = 5
CONSOLE_OFFSET = 7
_FIRST_BASE, _BASES, _BASE_STEP = 20_000, 1_200, 10
_TRIES = 100
LOOPBACK = ("127.0.0.1", "::1")


class PortTaken(Exception):
    """Another process listens there; the message names the port and the way out."""


class HostUnknown(Exception):
    """The host to listen on is no address of this machine."""


class SingleProcessRefused(Exception):
    """One process cannot serve what was asked for; the message names it and the way out."""


class UnsafeExposure(Exception):
    """The addresses asked for would expose a simulation without its protections (decision 2)."""


@dataclass(frozen=True)
class Demand:
    """That a server makes issuers on demand below `/r/`, and of whom."""

    is_open: bool
    """Of whoever asks one first; else of who holds the start-up secret alone."""


@dataclass(frozen=True)
class ServePlan:
    """The listeners of one provider (decision 4)."""

    settings: Settings
    host: str
    port: int
    workers: int
    metrics_port: int | None
    tls_port: int | None
    tls_folder: Path
    """Where the development authority keeps its certificates."""
    insecure_http: bool
    """Whether plain http may leave the loopback in `--dev` (decision 2)."""
    certificate_port: int | None = None
    """Where certificates are asked for; nowhere by default."""
    listener_certificate: tuple[Path, Path] | None = None
    """Certificate and key of that listener; the development authority's where none is given."""
    console_port: int | None = None
    """Where operators enter; nowhere by default outside `--dev`."""

    @property
    def addresses(self) -> list[str]:
        """The IP addresses of `host`: both loopbacks for `localhost`, where they exist.

        Raises:
            HostUnknown: it names nothing.
        """
        return addresses_of(self.host)

    @property
    def console_addresses(self) -> list[str]:
        """The IP addresses of the console.

        Raises:
            HostUnknown: it names nothing.
        """
        return addresses_of(self.settings.console_host)

    @property
    def plain_address(self) -> str:
        """Where plain http and the metrics are served: the loopback, where TLS is what leaves."""
        exposed_dev = self.settings.dev and not is_loopback(self.host)
        return LOOPBACK[0] if exposed_dev and not self.insecure_http else self.addresses[0]

    @property
    def demand(self) -> Demand | None:
        """Issuers are made on demand in `--dev` alone, and by anybody on the loopback alone.

        Behind a proxy the loopback is no sign of who asks.
        """
        if not self.settings.dev or self.settings.is_of_an_api:
            return None
        return Demand(is_open=is_loopback(self.host) and not self.settings.trusted_proxies)

    @property
    def ports(self) -> list[int]:
        """Every port that must be free."""
        every = (self.port, self.metrics_port, self.tls_port, self.certificate_port)
        return [port for port in every if port]


def check_exposure(plan: ServePlan, *, expose: bool) -> None:
    """Development addresses leave the loopback only on demand, and with TLS (decision 2).

    Raises:
        UnsafeExposure: the choice is missing; the message names the option.
    """
    hosts = [plan.host] if plan.console_port is None else [plan.host, plan.settings.console_host]
    abroad = [host for host in hosts if not is_loopback(host)]
    if not plan.settings.dev or not abroad:
        return
    if not expose:
        raise UnsafeExposure(f"--dev serves loopback only: add --expose to listen on {abroad[0]}")
    if is_loopback(plan.host):  # what protects the console itself: see `check_console`
        return
    if plan.tls_port is None and not plan.insecure_http:
        raise UnsafeExposure("--expose demands --tls, or --insecure-http said explicitly")


def check_ports(plan: ServePlan) -> None:
    """Nobody else listens on the ports: the server itself would share them in silence.

    Raises:
        PortTaken: somebody does.
    """
    for port in plan.ports:
        for address in plan.addresses:
            check_port(address, port)
    if plan.console_port is not None:
        for address in plan.console_addresses:
            check_port(address, plan.console_port)


def check_single_process(plan: ServePlan) -> None:
    """One process has one worker, no listener of TLS and no proxy before it.

    Raises:
        SingleProcessRefused: something else was asked for.
    """
    settings = plan.settings
    refused = {
        "--dev is missing": not settings.dev,
        "--workers": plan.workers > 1,
        "--tls": plan.tls_port is not None,
        "--console": plan.console_port is not None,
        "the setting trusted_proxies": settings.trusted_proxies > 0,
    }
    found = [name for name, is_so in refused.items() if is_so]
    if found:
        raise SingleProcessRefused(
            f"--single-process serves a simulation for tests ({', '.join(found)}): "
            "leave it out for the whole server"
        )


def check_console(plan: ServePlan) -> None:
    """The console stays on the loopback, or is reached over TLS alone.

    Raises:
        UnsafeExposure: neither is so; the message names the settings.
    """
    settings = plan.settings
    if plan.console_port is None:
        return
    if bool(settings.console_certificate) != bool(settings.console_key):
        raise UnsafeExposure("console_certificate and console_key go together")
    if settings.console_behind_proxy and not settings.trusted_proxies:
        raise UnsafeExposure("console_behind_proxy demands trusted_proxies: how many stand there")
    has_tls = bool(settings.console_certificate) or settings.console_behind_proxy
    if not is_loopback(settings.console_host) and not has_tls:
        raise UnsafeExposure(
            f"the console on {settings.console_host} demands console_certificate and console_key, "
            "or console_behind_proxy where a proxy ends TLS before it"
        )
    address = urlsplit(settings.console_base_url)
    if address.scheme == "https" or is_loopback(address.hostname or ""):
        return
    raise UnsafeExposure(
        "the console needs the setting console_base_url: an https address, "
        "or http://localhost:PORT where it is reached through a tunnel"
    )


def addresses_of(host: str) -> list[str]:
    """The IP addresses that a host names: both loopbacks for `localhost`, where they exist.

    Raises:
        HostUnknown: it names nothing.
    """
    if host == "localhost":
        return [address for address in LOOPBACK if _exists(address)]
    try:
        return [str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])]
    except OSError as error:
        raise HostUnknown(f"cannot listen on {host}: {error}") from error


def free_port_base() -> int:
    """A port base whose ports nobody listens on.

    Raises:
        PortTaken: none was found.
    """
    for _ in range(_TRIES):
        # Below the ports that the kernel gives to outgoing connections.
        base = _FIRST_BASE + secrets.randbelow(_BASES) * _BASE_STEP
        if all(_is_free(LOOPBACK[0], base + offset) for offset in range(_BASE_STEP)):
            return base
    raise PortTaken("no port base is free: name one with --port-base")


def check_port(address: str, port: int) -> None:
    """Nobody listens there.

    Raises:
        PortTaken: somebody does.
    """
    if not _is_free(address, port):
        raise PortTaken(
            f"port {port} is taken on {address}: stop what listens there, "
            "or choose other ports with --port-base"
        )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine's own loopback."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _exists(address: str) -> bool:
    return _is_free(address, 0)


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Ports in TIME_WAIT are free; REUSEPORT is not set, so that a listener shows.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError:
        return False
    return True
