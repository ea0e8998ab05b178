"""The receiving end of Web Push: RFC 8030 (delivery), 8291 (encryption), 8292 (VAPID).

A push is a hint to ask for what is pending, never more (decision 27): whatever it carries, the
phone then asks with a signed request. Its keys live as long as the receiver, which subscribes
anew at each start, so that the phone's file need not hold them.
"""

import secrets
from typing import Any

import http_ece
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from wallet_sim.clock import TimeSource
from wallet_sim.encoding import b64url, from_b64url, parse_object
from wallet_sim.errors import PushRefused

_AUTH_BYTES = 16  # RFC 8291, section 3.2
_CAPABILITY_BYTES = 16
_POINT_BYTES = 65
_LARGEST_PUSH = 4096  # RFC 8030, section 7.2


class PushSubscription:
    """An endpoint on this machine with the keys that open what is sent to it.

    Args:
        origin: scheme, host and port where the receiver listens.
        clock: judges the age of a push.
        below: the path under which the receiver stands there, where it is one of several.
    """

    def __init__(self, origin: str, clock: TimeSource, below: str = "") -> None:
        self.origin = origin
        self.path = f"{below}/push/{b64url(secrets.token_bytes(_CAPABILITY_BYTES))}"
        self._clock = clock
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = secrets.token_bytes(_AUTH_BYTES)

    def as_json(self) -> dict[str, Any]:
        """The PushSubscription to register with the provider."""
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.origin + self.path,
            "keys": {"p256dh": b64url(point), "auth": b64url(self._auth)},
        }

    def open(self, body: bytes, headers: dict[str, str], vapid: str) -> str:
        """The handle inside a push from the provider whose VAPID key is given.

        Raises:
            PushRefused: another sender, another endpoint, too old, or not to be opened.
        """
        if len(body) > _LARGEST_PUSH:
            raise PushRefused("a push has at most 4096 bytes")
        if headers.get("content-encoding") != "aes128gcm":
            raise PushRefused("a push is encoded as aes128gcm")
        self._verify_sender(headers.get("authorization", ""), vapid)
        try:
            clear = http_ece.decrypt(
                body, private_key=self._key, auth_secret=self._auth, version="aes128gcm"
            )
            return str(parse_object(clear)["h"])
        except (http_ece.ECEException, InvalidTag, ValueError, KeyError, IndexError) as error:
            raise PushRefused("the push cannot be opened") from error

    def _verify_sender(self, authorization: str, vapid: str) -> None:
        scheme, _, parameters = authorization.partition(" ")
        given = dict(part.strip().split("=", 1) for part in parameters.split(",") if "=" in part)
        if scheme.lower() != "vapid" or given.get("k", "").rstrip("=") != vapid:
            raise PushRefused("the push is not the provider's")
        try:
            token = jws.deserialize_compact(given.get("t", ""), vapid_jwk(vapid), ["ES256"])
            claims = parse_object(token.payload)
        except (JoseError, ValueError) as error:
            raise PushRefused("the push is not the provider's") from error
        expires_at = claims.get("exp")
        if claims.get("aud") != self.origin:
            raise PushRefused("the push was meant for another receiver")
        if not isinstance(expires_at, int) or expires_at <= self._clock.timestamp():
            raise PushRefused("the push is too old")


def vapid_jwk(vapid: str) -> ECKey:
    """The provider's VAPID key, from the uncompressed point of its configuration.

    Raises:
        ValueError: it is no such point.
    """
    point = from_b64url(vapid)
    if len(point) != _POINT_BYTES or point[0] != 4:  # noqa: PLR2004 - SEC 1: uncompressed
        raise ValueError("not an uncompressed point")
    x, y = b64url(point[1:33]), b64url(point[33:])
    return ECKey.import_key({"kty": "EC", "crv": "P-256", "x": x, "y": y})
