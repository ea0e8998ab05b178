"""Which addresses a client may register for this provider to call, outside any request."""

import re
from urllib.parse import urlsplit

from idp.oauth.rules.redirect_uris import LOOPBACK_HOSTS, RedirectUriRefused, check_registrable

_HTTPS_PORT = 443
_VISIBLE = re.compile(r"[\x21-\x7e]{1,2000}")
"""What is sent in a request's first line and fits an index: a URI (RFC 3986) is no other text."""


def check_callable(uri: str, *, development: bool) -> None:
    """Demand https at its default port; a development client may be called on loopback.

    What is refused here would be refused again, and for good, each time it were to be called
    (`idp/outbox/addresses.py`).

    Raises:
        RedirectUriRefused: the address is neither, has a fragment or user part, or is no URI.
    """
    check_registrable(uri, development=development)
    if not _VISIBLE.fullmatch(uri):
        raise RedirectUriRefused(f"{uri[:80]!r} must be at most 2000 visible ASCII characters")
    parts = urlsplit(uri)
    if development and parts.hostname in LOOPBACK_HOSTS:
        return
    if parts.scheme != "https" or parts.port not in {None, _HTTPS_PORT}:
        raise RedirectUriRefused(f"{uri!r} must be https at its default port to be called")
