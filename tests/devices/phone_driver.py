"""A phone in a test's hands: every member, flag and key can be bent.

It is only a driver for unit tests; the phone that ships is `wallet_sim`.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from idp.devices.proofs import decode_base64url, encode_base64url

RP_ID = "ecps.simulation"
ORIGIN = "ecps:ecps.simulation"
AAGUID = bytes.fromhex("656370732d73696d756c61746f720001")
PIN = "482915"
BASE = "/wallet/v1"


def b64(value: bytes) -> str:
    return encode_base64url(value)


def payload_of(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(decode_base64url(token.split(".")[1]))
    return payload


def bytes_to_sign(document: dict[str, Any], decision: str, number: str | None) -> bytes:
    act = {
        "v": 1,
        "purpose": document["purpose"],
        "document": document,
        "decision": decision,
        "number": number,
    }
    return hashlib.sha256(rfc8785.dumps(act)).digest()


@dataclass
class Driver:
    issuer: str
    now: int
    device_id: str = ""
    roll: str = ""
    counter: int = 0
    pin: str = PIN
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def jwk(self) -> dict[str, Any]:
        members = self.key.as_dict(private=False)
        return {name: members[name] for name in ("kty", "crv", "x", "y")}

    def pin_key(self, pin: str | None = None) -> ec.EllipticCurvePrivateKey:
        # Quick on purpose: the slow KDF is the phone's business, not the server's.
        seed = hashlib.sha512((pin or self.pin).encode() + self.salt).digest()
        order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
        return ec.derive_private_key(int.from_bytes(seed) % (order - 1) + 1, ec.SECP256R1())

    def sign(
        self,
        path: str,
        members: dict[str, Any] | None = None,
        *,
        header: dict[str, Any] | None = None,
        key: ECKey | None = None,
        **changes: Any,
    ) -> str:
        """A signed request to an address below the base path."""
        heading = {"alg": "ES256", "typ": "ecps-request+jws", "kid": self.device_id}
        payload = {
            "v": 1,
            "aud": self.issuer,
            "path": BASE + path,
            "iat": self.now,
            "request_id": b64(secrets.token_bytes(16)),
        }
        payload |= (members or {}) | changes
        return jws.serialize_compact(
            heading if header is None else header,
            json.dumps(payload),
            key or self.key,
            ["ES256"],
        )

    def client_data(
        self, kind: str, challenge: bytes, changes: dict[str, Any] | None = None
    ) -> bytes:
        data = {"type": kind, "challenge": b64(challenge), "origin": ORIGIN, "crossOrigin": False}
        return json.dumps(data | (changes or {})).encode()

    def assertion(
        self,
        challenge: bytes,
        *,
        pin: str | None = None,
        flags: int = 0x05,
        rp_id: str = RP_ID,
        counter: int | None = None,
        kind: str = "webauthn.get",
        client: dict[str, Any] | None = None,
        credential_id: bytes | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        """An AuthenticationResponseJSON by the PIN key."""
        count = self.counter if counter is None else counter
        data = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4)
        client_data = self.client_data(kind, challenge, client)
        signed = data + hashlib.sha256(client_data).digest()
        signature = self.pin_key(pin).sign(signed, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
        }
        name = b64(credential_id or self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response | members,
            "clientExtensionResults": {},
        }

    def registration(
        self,
        document: dict[str, Any],
        *,
        flags: int = 0x45,
        fmt: str = "packed",
        cose: bytes | None = None,
        statement: dict[str, Any] | None = None,
        kind: str = "webauthn.create",
        aaguid: bytes = AAGUID,
        client: dict[str, Any] | None = None,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> dict[str, Any]:
        """A RegistrationResponseJSON of the PIN key."""
        key = self.pin_key()
        data = hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + bytes(4) + aaguid
        data += len(self.credential_id).to_bytes(2) + self.credential_id
        data += cose_key(key) if cose is None else cose
        challenge = bytes_to_sign(document, "register", None)
        client_data = self.client_data(kind, challenge, client)
        signed = data + hashlib.sha256(client_data).digest()
        signature = (signer or key).sign(signed, ec.ECDSA(hashes.SHA256()))
        stated = {"alg": -7, "sig": signature} if statement is None else statement
        attestation = cbor2.dumps({"fmt": fmt, "attStmt": stated, "authData": data}, canonical=True)
        return self.credential(client_data, attestation)

    def credential(self, client_data: bytes, attestation: bytes) -> dict[str, Any]:
        name = b64(self.credential_id)
        response = {"clientDataJSON": b64(client_data), "attestationObject": b64(attestation)}
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def approval(
        self,
        document: dict[str, Any],
        number: str | None,
        *,
        pin: str | None = None,
        counter: int | None = None,
        **assertion: Any,
    ) -> dict[str, Any]:
        """The members of an approval; the counter moves on."""
        self.counter += 1
        count = self.counter if counter is None else counter
        challenge = bytes_to_sign(document, "approve", number)
        return {
            "decision": "approve",
            "number": number,
            "roll": self.roll,
            "counter": count,
            "assertion": self.assertion(challenge, pin=pin, counter=count, **assertion),
        }


def cose_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    point = key.public_key().public_numbers()
    members = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
    return cbor2.dumps(members, canonical=True)
