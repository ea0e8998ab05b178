"""JWTs of ours, opened and signed again: with the provider's own key, or as no provider should."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk, jwt

from idp.dev.faults.fault import DoesNotFit
from idp.keys.purposes import SIGNING
from idp.oauth.tokens.signing import sign
from idp.provider import Provider

_PARTS = 3
_HS256 = "HS256"


@dataclass(frozen=True)
class Opened:
    """A signed JWT, taken apart."""

    header: dict[str, Any]
    claims: dict[str, Any]


def opened(token: Any) -> Opened:
    """Take a JWT of ours apart.

    Raises:
        DoesNotFit: it is none, or is encrypted to the client.
    """
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != _PARTS:
        raise DoesNotFit
    return Opened(_read(parts[0]), _read(parts[1]))


def signed_again(provider: Provider, was: Opened, claims: dict[str, Any]) -> str:
    """Other claims under the same algorithm, type and key: only the claims are wrong."""
    return sign(provider, claims, alg=was.header["alg"], typ=was.header["typ"])


def with_header(provider: Provider, was: Opened, header: dict[str, Any]) -> str:
    """The same claims, rightly signed by our key, under another header."""
    alg = was.header["alg"]
    key = provider.keyring.active(SIGNING[alg]).key
    return jwt.encode(header, was.claims, key, [alg])


def with_broken_signature(token: str) -> str:
    """The same JWT, with one bit of its signature flipped."""
    signed, _, signature = token.rpartition(".")
    raw = bytearray(_unpadded(signature))
    raw[0] ^= 1
    return f"{signed}.{_encoded(bytes(raw))}"


def unsigned(was: Opened) -> str:
    """The same claims as an unsecured JWT (RFC 7519, 6)."""
    header = {"alg": "none", "typ": was.header["typ"]}
    return f"{_packed(header)}.{_packed(was.claims)}."


def by_shared_secret(was: Opened, secret: bytes) -> str:
    """The same claims under HS256, with whatever bytes for a secret; `kid` as before."""
    signed = f"{_packed(was.header | {'alg': _HS256})}.{_packed(was.claims)}"
    digest = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{_encoded(digest)}"


def by_key_in_header(was: Opened) -> str:
    """The same claims, signed by a key made for it, which its header brings along."""
    key = jwk.ECKey.generate_key("P-256", {"kid": "brought-along"})
    header = {"alg": "ES256", "typ": was.header["typ"], "kid": "brought-along"}
    return jwt.encode(header | {"jwk": key.as_dict(private=False)}, was.claims, key, ["ES256"])


def public_key_bytes(provider: Provider, was: Opened) -> bytes:
    """The public key that verifies a JWT, as PEM: what anybody can take from the published keys."""
    public = provider.keyring.active(SIGNING[was.header["alg"]]).key.public_key
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read(part: str) -> dict[str, Any]:
    try:
        read = json.loads(_unpadded(part))
    except ValueError as error:
        raise DoesNotFit from error
    if not isinstance(read, dict):
        raise DoesNotFit
    return read


def _packed(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value, separators=(",", ":")).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
