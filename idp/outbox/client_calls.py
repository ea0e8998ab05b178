"""Calling a client at an address that it registered (decision 40)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from idp.outbox.addresses import AddressRefused, AddressUnresolved, VettedAddress, vet
from idp.outbox.delivery import NotDeliverable, TryLater
from idp.outbox.outbound import Unreachable, post
from idp.provider import Provider
from idp.store.models import Client

_BUSY = (408, 425, 429)
_SERVER_ERROR = 500


def address_of(provider: Provider, client: Client, uri: str) -> VettedAddress:
    """A client's address, resolved and judged now.

    Raises:
        NotDeliverable: it may not be called.
        TryLater: its name does not resolve at present.
    """
    # This machine itself is called for the clients of whoever develops on it, and for no other.
    loopback = provider.settings.dev and client.development
    try:
        return vet(uri, hosts=(urlsplit(uri).hostname or "",), loopback=loopback)
    except (AddressRefused, ValueError) as error:
        raise NotDeliverable(str(error)) from error
    except AddressUnresolved as error:
        raise TryLater("the name does not resolve") from error


def call(
    provider: Provider,
    address: VettedAddress,
    *,
    client: Client,
    content: bytes,
    headers: Mapping[str, str],
) -> int:
    """POST to a client and give the status of its answer.

    Raises:
        TryLater: the client is away or busy.
    """
    content = provider.leaving_call(client.client_id, headers["Content-Type"], content)
    timeout = provider.settings.carrier_timeout.total_seconds()
    try:
        status = post(address, content=content, headers=dict(headers), timeout=timeout)
    except Unreachable as error:
        raise TryLater(str(error)) from error
    if status >= _SERVER_ERROR or status in _BUSY:
        raise TryLater(f"http {status}")
    return status
