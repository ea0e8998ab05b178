"""Where the forms of our pages may lead: CSP `form-action`.

A browser may hold the redirects that answer a form to it too (Chromium does): whoever presses a
button after the session was cut is led to the provider, and so is whoever signs out.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_ENDPOINTS = ("authorization_endpoint", "end_session_endpoint")


def form_action(issuer: str, metadata: Mapping[str, Any]) -> str:
    """The directive: this service, and the provider's origins as discovery names them.

    Before the first sign-in or sign-out has read discovery, nobody knows these: until then forms
    may lead wherever the issuer's scheme does. No page asks the provider for it.

    Args:
        issuer: the provider's address.
        metadata: what was read of its discovery, or nothing yet.
    """
    found = [str(metadata[name]) for name in _ENDPOINTS if name in metadata]
    if not found:
        return f"form-action 'self' {urlsplit(issuer).scheme}:"
    origins = {_origin(address) for address in (issuer, *found)}
    return f"form-action 'self' {' '.join(sorted(origins))}"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
