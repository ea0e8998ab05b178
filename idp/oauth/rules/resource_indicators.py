"""Where access tokens are for: the parameter `resource` (RFC 8707).

A client names the APIs it will call, each by an absolute URI that it registered; ours is the
issuer, which every client may name.
"""

from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error

PARAMETER = "resource"
"""The one parameter that may stand more than once (RFC 8707, 2)."""


class InvalidTarget(OAuth2Error):
    """`invalid_target` (RFC 8707, 2): a resource is malformed, unknown, or not granted."""

    error = "invalid_target"


def is_resource(uri: str) -> bool:
    """Whether it is an absolute URI without a fragment, as a resource must be (RFC 8707, 2)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    names_something = bool(parts.netloc or parts.path)
    is_plain = uri.isascii() and uri.isprintable() and " " not in uri
    return bool(parts.scheme) and names_something and "#" not in uri and is_plain


def check_resources(asked: Sequence[str], allowed: Collection[str]) -> list[str]:
    """The resources asked, each once, in the order asked; empty where none is.

    Raises:
        InvalidTarget: one is no resource, or not among those allowed.
    """
    named = [uri for uri in dict.fromkeys(asked) if uri]
    for uri in named:
        if not is_resource(uri):
            raise InvalidTarget("A resource must be an absolute URI without a fragment.")
        if uri not in allowed:
            raise InvalidTarget("A resource is not one that this client may ask for.")
    return named


def narrowed(asked: Sequence[str], granted: Sequence[str], *, own: str) -> list[str]:
    """The audience of one answer: all that was granted, or the part of it that is asked.

    Where nothing was named in the beginning, what was granted is for ``own`` alone.

    Raises:
        InvalidTarget: more is asked than was granted.
    """
    return check_resources(asked, granted or (own,)) or list(granted)
