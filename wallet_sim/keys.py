"""The phone's two keys and what they sign (docs/phone-protocol.md, sections 2 and 4).

Pure: no network, no file. The device key shows possession; the PIN key is derived anew for each
use, lives as long as one call and is never written. A signature, the public key or a registration
of the PIN key would let a thief test PINs offline, so none of them may be kept either.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import cbor2
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from wallet_sim.encoding import b64url
from wallet_sim.errors import PinMalformed

AAGUID = bytes.fromhex("656370732d73696d756c61746f720001")
REQUEST_TYPE = "ecps-request+jws"

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256's group
_KEY_MATERIAL = 40  # bytes: 64 bits more than the order, so that the remainder is unbiased
_REGISTERED = 0x45  # user present, user verified, attested credential data
_ASSERTED = 0x05  # user present, user verified


@dataclass(frozen=True)
class Kdf:
    """The cost of scrypt (RFC 7914) that a PIN key was made with."""

    log2_n: int
    r: int
    p: int


@dataclass(frozen=True)
class RelyingParty:
    """What WebAuthn binds a key to: the fixed logical name and its origin (decision 18)."""

    rp_id: str
    origin: str


def make_device_key() -> ECKey:
    """A fresh device key (P-256)."""
    return ECKey.generate_key("P-256")


def public_jwk(key: ECKey) -> dict[str, Any]:
    """The public JWK with the members that RFC 7638 hashes, and no other."""
    members = key.as_dict(private=False)
    return {name: members[name] for name in ("crv", "kty", "x", "y")}


def pin_bytes(pin: str) -> bytearray:
    """The PIN as bytes that `wipe` can overwrite.

    Raises:
        PinMalformed: other characters than digits; a keypad could not have given them.
    """
    if not (pin.isascii() and pin.isdigit()):
        raise PinMalformed("a PIN has digits only")
    return bytearray(pin.encode("ascii"))


def wipe(secret: bytearray) -> None:
    """Overwrite a secret. Python may hold copies of it: this is best effort, and said so."""
    secret[:] = bytes(len(secret))


def derive_pin_key(pin: bytearray, salt: bytes, kdf: Kdf) -> ec.EllipticCurvePrivateKey:
    """The PIN key: every PIN gives a valid one, and only the provider can tell which is right."""
    cost = 1 << kdf.log2_n
    material = hashlib.scrypt(
        pin,
        salt=salt,
        n=cost,
        r=kdf.r,
        p=kdf.p,
        maxmem=128 * kdf.r * (cost + kdf.p + 2),
        dklen=_KEY_MATERIAL,
    )
    scalar = int.from_bytes(material, "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


def bytes_to_sign(
    purpose: str, document: dict[str, Any], decision: str, number: str | None
) -> bytes:
    """The WebAuthn challenge: SHA-256 over the JCS (RFC 8785) of the act (decision 18)."""
    act: dict[str, Any] = {
        "v": 1,
        "purpose": purpose,
        "document": document,
        "decision": decision,
        "number": number,
    }
    return hashlib.sha256(rfc8785.dumps(act)).digest()


def register(
    key: ec.EllipticCurvePrivateKey, credential_id: bytes, challenge: bytes, party: RelyingParty
) -> tuple[dict[str, Any], bytes]:
    """A WebAuthn RegistrationResponseJSON with packed self attestation, and its attestation object.

    Source: WebAuthn Level 2, sections 5.1.3, 6.5 and 8.2.
    """
    client_data = _client_data("webauthn.create", challenge, party)
    data = b"".join(
        [
            _authenticator_data(party, _REGISTERED, 0),
            AAGUID,
            len(credential_id).to_bytes(2, "big"),
            credential_id,
            _cose_key(key),
        ]
    )
    statement = {"alg": -7, "sig": _sign(key, data, client_data)}
    attestation = cbor2.dumps(
        {"fmt": "packed", "attStmt": statement, "authData": data}, canonical=True
    )
    response = {
        "clientDataJSON": b64url(client_data),
        "attestationObject": b64url(attestation),
        "transports": ["internal"],
    }
    return _credential(credential_id, response), attestation


def assert_key(
    key: ec.EllipticCurvePrivateKey,
    credential_id: bytes,
    challenge: bytes,
    party: RelyingParty,
    counter: int,
) -> dict[str, Any]:
    """A WebAuthn AuthenticationResponseJSON (WebAuthn Level 2, section 6.3.3)."""
    client_data = _client_data("webauthn.get", challenge, party)
    data = _authenticator_data(party, _ASSERTED, counter)
    response = {
        "clientDataJSON": b64url(client_data),
        "authenticatorData": b64url(data),
        "signature": b64url(_sign(key, data, client_data)),
        "userHandle": None,
    }
    return _credential(credential_id, response)


def sign_request(
    device_key: ECKey,
    members: dict[str, Any],
    *,
    device_id: str | None,
    issuer: str,
    path: str,
    issued_at: int,
    request_id: str,
) -> str:
    """A signed request as a compact JWS; without a `device_id` it carries the public key."""
    header: dict[str, Any] = {"alg": "ES256", "typ": REQUEST_TYPE}
    header |= {"kid": device_id} if device_id else {"jwk": public_jwk(device_key)}
    payload = {
        "v": 1,
        "aud": issuer,
        "path": path,
        "iat": issued_at,
        "request_id": request_id,
        **members,
    }
    return jws.serialize_compact(header, json.dumps(payload), device_key, ["ES256"])


def _client_data(kind: str, challenge: bytes, party: RelyingParty) -> bytes:
    members = {
        "type": kind,
        "challenge": b64url(challenge),
        "origin": party.origin,
        "crossOrigin": False,
    }
    return json.dumps(members, separators=(",", ":")).encode()


def _authenticator_data(party: RelyingParty, flags: int, counter: int) -> bytes:
    name = hashlib.sha256(party.rp_id.encode()).digest()
    return name + bytes([flags]) + counter.to_bytes(4, "big")


def _cose_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    point = key.public_key().public_numbers()
    members = {
        1: 2,
        3: -7,
        -1: 1,
        -2: point.x.to_bytes(32, "big"),
        -3: point.y.to_bytes(32, "big"),
    }
    return cbor2.dumps(members, canonical=True)


def _sign(key: ec.EllipticCurvePrivateKey, data: bytes, client_data: bytes) -> bytes:
    signed = data + hashlib.sha256(client_data).digest()
    return key.sign(signed, ec.ECDSA(hashes.SHA256()))


def _credential(credential_id: bytes, response: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": b64url(credential_id),
        "rawId": b64url(credential_id),
        "type": "public-key",
        "response": response,
        "clientExtensionResults": {},
        "authenticatorAttachment": "platform",
    }
