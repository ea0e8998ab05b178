"""Which addresses a client may register to be called at (Back-Channel Logout 1.0, 2.2)."""

import secrets
from typing import Any

import pytest

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.store.clients import find_client


def metadata(uri: str, **changes: Any) -> dict[str, Any]:
    return {
        "client_id": "told",
        "client_secret": secrets.token_urlsafe(32),
        "redirect_uris": ["https://service.test/callback"],
        "backchannel_logout_uri": uri,
    } | changes


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/logout",
        "service.test/logout",
        "http://service.test/logout",
        "http://localhost:8001/logout",
        "http://127.0.0.1/logout",
        "https://service.test/logout#part",
        "https://service.test/logout#",
        "https://user@service.test/logout",
        "https://service.test:8443/logout",
        "https://service.test:x/logout",
        "https://*.service.test/logout",
        "https://service.test/lo gout",
        "file:///etc/passwd",
        "https://",
    ],
)
def test_an_address_that_would_never_be_called_is_not_registered(uri: str) -> None:
    with pytest.raises(ClientMetadataRefused):
        read_metadata(metadata(uri))


@pytest.mark.parametrize(
    "uri", ["http://service.test/logout", "http://10.0.0.1/logout", "http://localhost:1/x#y"]
)
def test_a_development_client_is_called_on_loopback_and_nowhere_else_by_http(uri: str) -> None:
    with pytest.raises(ClientMetadataRefused):
        read_metadata(metadata(uri, development=True))


@pytest.mark.parametrize(
    ("uri", "development"),
    [
        ("https://service.test/logout?tenant=1", False),
        ("https://service.test:443/logout", False),
        ("http://localhost:8001/backchannel-logout", True),
        ("http://[::1]:8001/logout", True),
        ("https://127.0.0.1:8443/logout", True),
    ],
)
def test_an_address_that_can_be_called_is_kept(
    provider: Provider, uri: str, *, development: bool
) -> None:
    values = metadata(uri, development=development, backchannel_logout_session_required=True)
    with provider.store.begin() as db:
        register(
            db,
            read_metadata(values),
            kind=provider.kind,
            sealer=provider.sealer,
            now=provider.clock.now(),
        )
    with provider.store.read() as db:
        client = find_client(db, "told")
    assert client is not None
    assert client.options["backchannel_logout_uri"] == uri
    assert client.options["backchannel_logout_session_required"] is True
