"""The outer proof of every request: a JWS by the device key (docs/phone-protocol.md 2).

Pure: bytes in, facts out; knows neither Flask nor SQL.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

TYPE = "ecps-request+jws"
ALGORITHM = "ES256"
REQUEST_ID_BYTES = 16
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_JWK_MEMBERS = {"kty", "crv", "x", "y"}
_MAX_DEPTH = 8
_SEGMENTS = 3


class ProofRefused(Exception):
    """The request is not proved; why is never told to the sender."""


@dataclass(frozen=True)
class Envelope:
    """A request whose form holds and whose signature is not yet verified."""

    body: bytes
    header: dict[str, Any]
    payload: dict[str, Any]

    @property
    def body_hash(self) -> bytes:
        """SHA-256 of the bytes: the same bytes get the same answer."""
        return hashlib.sha256(self.body).digest()

    @property
    def request_id(self) -> str:
        """base64url of 16 bytes, checked with the claims."""
        return str(self.payload["request_id"])


def decode_base64url(text: Any, *, length: int | None = None) -> bytes:
    """Unpadded, canonical base64url of ``length`` bytes.

    Raises:
        ValueError: it is anything else.
    """
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encode_base64url(value) != text or (length is not None and len(value) != length):
        raise ValueError("not canonical base64url of the expected length")
    return value


def encode_base64url(value: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def strict_json(data: bytes) -> dict[str, Any]:
    """A JSON object without duplicate member, NUL, lone surrogate, NaN or deep nesting.

    Raises:
        ValueError: it is anything else.
    """
    text = data.decode()
    _bound_depth(text)
    value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
    if not isinstance(value, dict):
        raise TypeError("not a JSON object")
    # What has no UTF-8 form, and NUL that PostgreSQL cannot keep, must not reach a row.
    json.dumps(value, ensure_ascii=False).encode()
    if "\\u0000" in text:
        raise ValueError("a NUL stands in a text")
    return value


def open_envelope(body: bytes) -> Envelope:
    """Read the JWS strictly, without believing it.

    Raises:
        ProofRefused: it is not a compact JWS of the protocol.
    """
    try:
        segments = body.decode("ascii").split(".")
        if len(segments) != _SEGMENTS:
            raise ProofRefused("not compact")
        header = strict_json(decode_base64url(segments[0]))
        payload = strict_json(decode_base64url(segments[1]))
        decode_base64url(segments[2], length=64)
    except (ValueError, TypeError) as error:
        raise ProofRefused("not a strict JWS") from error
    if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
        raise ProofRefused("another type or algorithm")
    return Envelope(body, header, payload)


def check_claims(
    envelope: Envelope, *, audience: str, path: str, now: int, skew: timedelta
) -> None:
    """Version, audience, address, age and request id, as the protocol says.

    Raises:
        ProofRefused: one of them does not hold.
    """
    payload = envelope.payload
    if payload.get("v") != 1 or payload.get("aud") != audience or payload.get("path") != path:
        raise ProofRefused("meant for another version, provider or address")
    issued_at = payload.get("iat")
    if not isinstance(issued_at, int) or isinstance(issued_at, bool):
        raise ProofRefused("no time")
    if abs(issued_at - now) > skew.total_seconds():
        raise ProofRefused("too old, or from the future")
    try:
        decode_base64url(payload.get("request_id"), length=REQUEST_ID_BYTES)
    except ValueError as error:
        raise ProofRefused("no request id") from error


def verify_signature(envelope: Envelope, jwk: dict[str, Any]) -> None:
    """The device key signed exactly these bytes.

    Raises:
        ProofRefused: it did not.
    """
    try:
        jws.deserialize_compact(envelope.body, ECKey.import_key(jwk), [ALGORITHM])
    except (JoseError, ValueError) as error:
        raise ProofRefused("bad signature") from error


def key_id(envelope: Envelope) -> str:
    """The `kid` of a request by an enrolled device.

    Raises:
        ProofRefused: the header has other members.
    """
    kid = envelope.header.get("kid")
    if set(envelope.header) != {"alg", "typ", "kid"} or not isinstance(kid, str):
        raise ProofRefused("header without kid, or with more")
    return kid


def embedded_key(envelope: Envelope) -> dict[str, Any]:
    """The public device key in a request by a phone that enrols: P-256 and nothing private.

    Raises:
        ProofRefused: the header has other members, or the key another form.
    """
    jwk = envelope.header.get("jwk")
    if set(envelope.header) != {"alg", "typ", "jwk"}:
        raise ProofRefused("header without jwk, or with more")
    return public_key(jwk)


def public_key(jwk: Any) -> dict[str, Any]:
    """A public P-256 key as JWK: its four members and nothing private.

    Raises:
        ProofRefused: it is anything else.
    """
    if not isinstance(jwk, dict) or set(jwk) != _JWK_MEMBERS:
        raise ProofRefused("not a JWK of the four members")
    if jwk["kty"] != "EC" or jwk["crv"] != "P-256":
        raise ProofRefused("not a public P-256 key")
    try:
        decode_base64url(jwk["x"], length=32)
        decode_base64url(jwk["y"], length=32)
        ECKey.import_key(jwk)
    except (JoseError, ValueError) as error:
        raise ProofRefused("not a point of P-256") from error
    return jwk


def thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638 thumbprint of a public key."""
    return ECKey.import_key(jwk).thumbprint()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _bound_depth(text: str) -> None:
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                raise ValueError("nested too deep")
        elif character in "]}":
            depth -= 1
