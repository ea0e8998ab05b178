"""Web Push: RFC 8030 (delivery), 8291 (encryption), 8292 (VAPID)."""

import binascii
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from py_vapid import Vapid02

from idp.outbox.addresses import AddressRefused, AddressUnresolved, VettedAddress, vet
from idp.outbox.delivery import Delivery, NotDeliverable, PushAddressGone, TryLater
from idp.outbox.outbound import Unreachable, post
from idp.provider import Provider

_VAPID_LIFETIME = timedelta(hours=12)
_GONE = (404, 410)
_BUSY = (408, 425, 429)
_SUCCESS = range(200, 300)
_SERVER_ERROR = 500


def deliver_push(provider: Provider, delivery: Delivery) -> None:
    """Send a handle, encrypted for the phone, to the push service it registered with.

    Raises:
        PushAddressGone: the service answered 404 or 410.
        NotDeliverable: the address is not allowed, or the service refused for good.
        TryLater: the service is away or busy.
    """
    subscription = delivery.payload["subscription"]
    try:
        address = vet(
            subscription["endpoint"],
            hosts=provider.settings.push_hosts,
            loopback=provider.settings.dev,
        )
    except AddressRefused as error:
        raise NotDeliverable(f"push: {error}") from error
    except AddressUnresolved as error:
        raise TryLater("push: the name does not resolve") from error
    body = _encrypted(subscription, json.dumps({"h": delivery.payload["handle"]}).encode())
    _raise_for_status(_send(provider, delivery, address, body))


def _encrypted(subscription: dict[str, Any], payload: bytes) -> bytes:
    # Whoever never sends a push need not wait for its two further HTTP clients at each start.
    from pywebpush import WebPusher, WebPushException  # noqa: PLC0415 - see above

    try:
        body: bytes = WebPusher(subscription).encode(payload)["body"]
    except (WebPushException, binascii.Error, ValueError) as error:
        raise NotDeliverable("push: the keys of the subscription are malformed") from error
    return body


def _send(provider: Provider, delivery: Delivery, address: VettedAddress, body: bytes) -> int:
    now = provider.clock.now()
    left = (delivery.expires_at or now) - now
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(int(left.total_seconds()), 0)),
        "Urgency": "high",
        "Authorization": _authorization(provider, address),
    }
    timeout = provider.settings.carrier_timeout.total_seconds()
    try:
        return post(address, content=body, headers=headers, timeout=timeout)
    except Unreachable as error:
        raise TryLater(f"push: {error}") from error


def _authorization(provider: Provider, address: VettedAddress) -> str:
    parts = urlsplit(address.url)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int((provider.clock.now() + _VAPID_LIFETIME).timestamp()),
        "sub": provider.settings.vapid_subject,
    }
    key = provider.keyring.active("vapid").key
    return str(Vapid02(key.private_key).sign(claims)["Authorization"])


def _raise_for_status(status: int) -> None:
    if status in _SUCCESS:
        return
    if status in _GONE:
        raise PushAddressGone(f"push: http {status}")
    if status >= _SERVER_ERROR or status in _BUSY:
        raise TryLater(f"push: http {status}")
    raise NotDeliverable(f"push: http {status}")
