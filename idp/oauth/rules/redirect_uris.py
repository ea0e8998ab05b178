"""Which addresses a client may register and be sent to.

Exact comparison (RFC 9700, 2.1), with the one exception of RFC 8252, 7.3: the port of a loopback
IP address is the native application's choice at each request.
"""

import re
from urllib.parse import SplitResult, urlsplit

LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}
# Not read by urlsplit, which takes `[::1].example` for the host ::1 and drops line breaks.
_LOOPBACK_ADDRESS = re.compile(
    r"http://(127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?((?:[/?][^#\x00-\x20]*)?)"
)
# Origins are written into the Content-Security-Policy, where `;` and `,` begin anew.
_HOST_AND_PORT = re.compile(r"[A-Za-z0-9._:\[\]-]+")


class RedirectUriRefused(ValueError):
    """The address cannot be registered; the message says why."""


def check_registrable(uri: str, *, development: bool) -> None:
    """Demand https, or http on loopback; a development client may use http anywhere.

    Raises:
        RedirectUriRefused: the address is none of these, or has a fragment or user part.
    """
    parts = _split(uri)
    if parts is None or not parts.hostname:
        raise RedirectUriRefused(f"{uri!r} is not an absolute address")
    if "#" in uri:
        raise RedirectUriRefused(f"{uri!r} has a fragment (RFC 6749, 3.1.2)")
    if "@" in parts.netloc or "*" in uri or any(c.isspace() or not c.isprintable() for c in uri):
        raise RedirectUriRefused(f"{uri!r} has a user part, a wildcard or a space")
    if not _HOST_AND_PORT.fullmatch(parts.netloc):
        raise RedirectUriRefused(f"{uri!r} has no host that a browser's policy can name")
    if parts.scheme == "https":
        return
    if parts.scheme == "http" and (development or parts.hostname in LOOPBACK_HOSTS):
        return
    raise RedirectUriRefused(f"{uri!r} must be https, or http on a loopback host")


def is_registered(uri: str, registered: list[str]) -> bool:
    """Whether the address is one of the registered ones."""
    if uri in registered:
        return True
    portless = _without_loopback_port(uri)
    return portless is not None and portless in (_without_loopback_port(r) for r in registered)


def origin_of(uri: str) -> str:
    """Scheme, host and port: what CSP `form-action` names (decision 14)."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _without_loopback_port(uri: str) -> tuple[str, ...] | None:
    found = _LOOPBACK_ADDRESS.fullmatch(uri)
    return found.groups() if found else None


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 - reading it is what validates it
    except ValueError:
        return None
    return parts
