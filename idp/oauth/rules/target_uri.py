"""Comparing the address a proof names with ours (RFC 9449, 4.3; RFC 3986, 6.2.2 and 6.2.3)."""

import re
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_VISIBLE = re.compile(r"[\x21-\x7e]+")


def same_target(given: str, address: str) -> bool:
    """Whether both name the same target, query and fragment aside."""
    target = _normalised(given)
    return target is not None and target == _normalised(address)


def _normalised(uri: str) -> tuple[str, str, int | None, str] | None:
    if not _VISIBLE.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "@" in parts.netloc:
        return None
    path = _ESCAPE.sub(_normal_escape, parts.path) or "/"
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme), path


def _normal_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
