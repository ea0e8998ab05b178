"""Which addresses a client may register for this provider to call, outside any request."""

from urllib.parse import urlsplit

from idp.oauth.rules.redirect_uris import RedirectUriRefused, check_registrable

_LOOPBACK_HOSTS = {"127.0.0.1", "::1", "localhost"}
_HTTPS_PORT = 443


def check_callable(uri: str, *, development: bool) -> None:
    """Demand https at its default port; a development client may be called on loopback.

    What is refused here would be refused again, and for good, each time it were to be called
    (`idp/outbox/addresses.py`).

    Raises:
        RedirectUriRefused: the address is neither, or has a fragment or user part.
    """
    check_registrable(uri, development=development)
    parts = urlsplit(uri)
    if development and parts.hostname in _LOOPBACK_HOSTS:
        return
    if parts.scheme != "https" or parts.port not in {None, _HTTPS_PORT}:
        raise RedirectUriRefused(f"{uri!r} must be https at its default port to be called")
