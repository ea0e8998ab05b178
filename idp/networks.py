"""What an operator says of networks, and the network that an address counts for.

Pure. One reading of `address_limits` and `networks` serves sign-in, enrolment, the token endpoint
and the words on the phone.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

T = TypeVar("T")

NOWHERE = "-"
"""Stands for an address that is missing or none: all of those share one budget."""
_IPV6_SITE = 64
"""A site has at least this prefix: one IPv6 address more costs nobody anything."""


def entry_of(table: Mapping[str, T], address: str | None) -> T | None:
    """What a table of CIDR → value says of an address, by the narrowest network."""
    here = _read(address)
    if here is None:
        return None
    holding = [
        (network.prefixlen, value)
        for network, value in ((ip_network(text), value) for text, value in table.items())
        if here in network
    ]
    return max(holding, key=lambda held: held[0])[1] if holding else None


def factor_of(table: Mapping[str, int], address: str | None) -> int:
    """How many times the usual limit an address has (decision 24)."""
    return entry_of(table, address) or 1


def site_of(address: str | None) -> str:
    """What counts as one origin: an IPv4 address, or the /64 of an IPv6 one."""
    here = _read(address)
    if here is None:
        return NOWHERE
    if isinstance(here, IPv6Address):
        return str(ip_network((int(here), _IPV6_SITE), strict=False))
    return str(here)


def _read(address: str | None) -> IPv4Address | IPv6Address | None:
    """The address; nothing where a proxy handed on what is none (X-Forwarded-For is free text)."""
    try:
        return ip_address(address or "")
    except ValueError:
        return None
