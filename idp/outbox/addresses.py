"""Vetting addresses that phones and clients give, before anything connects to them.

An address is called only when its host is allowed, and at the very IP address that was vetted:
a name that resolves elsewhere a moment later changes nothing (decisions 27 and 40).
"""

import socket
from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

IPAddress = IPv4Address | IPv6Address

_PORTS = {"https": 443, "http": 80}
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""All that is given out of IPv6 for the public internet (RFC 4291, 2.4; RFC 3587)."""


class AddressRefused(Exception):
    """The address may not be called; the text says why, without repeating it."""


class AddressUnresolved(Exception):
    """The host has no address at present."""


@dataclass(frozen=True)
class VettedAddress:
    """A URL, and the IP address to which the connection must go."""

    url: str
    host: str
    port: int
    ip: str


def vet(url: str, *, hosts: Container[str], loopback: bool) -> VettedAddress:
    """Resolve and judge an address.

    Args:
        url: the address, as the phone or client gave it.
        hosts: exact host names that may be called, over https at its default port.
        loopback: whether this machine itself may be called too, http included (`--dev`).

    Raises:
        AddressRefused: the form, the host or where it resolves is not allowed.
        AddressUnresolved: the name does not resolve now.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefused("not a URL") from error
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("a URL with credentials or a fragment")
    if loopback and _names_loopback(host) and parts.scheme in _PORTS:
        return VettedAddress(url, host, port or _PORTS[parts.scheme], _resolve(host, loopback=True))
    if parts.scheme != "https" or port not in (None, _PORTS["https"]):
        raise AddressRefused("not https at its default port")
    if host not in hosts:
        raise AddressRefused("a host that is not allowed")
    return VettedAddress(url, host, _PORTS["https"], _resolve(host, loopback=False))


def _names_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _resolve(host: str, *, loopback: bool) -> str:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise AddressUnresolved(host) from error
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    # One bad address among several is enough: which one is called must not be left to chance.
    if not all(ip.is_loopback if loopback else is_public(ip) for ip in addresses):
        raise AddressRefused("a host that resolves to an address out of bounds")
    # IPv4 first: what listens on a machine's loopback often listens there only.
    return str(min(addresses, key=lambda ip: ip.version))


def is_public(ip: IPAddress) -> bool:
    """Whether an address belongs to the public internet, whatever it is wrapped in."""
    inner = _embedded(ip)
    if inner is not None:
        return is_public(inner)
    is_given_out = isinstance(ip, IPv4Address) or ip in _UNICAST
    return is_given_out and ip.is_global and not ip.is_multicast and not ip.is_reserved


def _embedded(ip: IPAddress) -> IPv4Address | None:
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
