"""Where a phone may ask to be told (decision 27): exact hosts of push services, nothing else."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from idp.devices.errors import PushAddressRefused
from idp.devices.proofs import decode_base64url
from idp.settings import Settings

_LONGEST = 1024
_POINT = 65
_AUTH = 16


def read_subscription(settings: Settings, subscription: Any) -> dict[str, Any]:
    """A PushSubscription `{endpoint, keys: {p256dh, auth}}` that may be called.

    Raises:
        PushAddressRefused: the host is not allowed, or the keys have another form.
    """
    if not isinstance(subscription, dict) or not isinstance(subscription.get("keys"), dict):
        raise PushAddressRefused
    endpoint, keys = subscription.get("endpoint"), subscription["keys"]
    if not isinstance(endpoint, str) or not _may_be_called(settings, endpoint):
        raise PushAddressRefused
    try:
        point = decode_base64url(keys.get("p256dh"), length=_POINT)
        decode_base64url(keys.get("auth"), length=_AUTH)
    except ValueError as error:
        raise PushAddressRefused from error
    if point[0] != 0x04:  # noqa: PLR2004 - the mark of an uncompressed point (SEC 1, 2.3.3)
        raise PushAddressRefused
    return {"endpoint": endpoint, "keys": {"p256dh": keys["p256dh"], "auth": keys["auth"]}}


def _may_be_called(settings: Settings, endpoint: str) -> bool:
    if len(endpoint) > _LONGEST or not endpoint.isascii() or not endpoint.isprintable():
        return False
    try:
        address = urlsplit(endpoint)
        port = address.port
    except ValueError:
        return False
    if address.username is not None or address.password is not None or "\\" in endpoint:
        return False
    host = address.hostname or ""
    if settings.dev and address.scheme in {"http", "https"} and _is_loopback(host):
        return True
    return address.scheme == "https" and port in {None, 443} and host in settings.push_hosts


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
