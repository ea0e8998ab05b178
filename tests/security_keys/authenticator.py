"""A security key in software: real ES256 signatures over what a browser would hand it."""

import copy
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

_PRESENT, _VERIFIED, _ELIGIBLE, _BACKED_UP, _ATTESTED = 1, 4, 8, 16, 64


@dataclass
class Passkey:
    """One credential: discoverable, so that it names its user by itself."""

    rp_id: str
    user_handle: str
    credential_id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    private_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    count: int = 0


@dataclass
class Authenticator:
    """A key with a browser around it, honest unless a test bends it."""

    verifies_user: bool = True
    is_backed_up: bool = False
    counts: bool = True
    passkeys: list[Passkey] = field(default_factory=list)

    def create(
        self,
        options: dict[str, Any],
        origin: str,
        *,
        rp_id: str = "",
        framed: bool = False,
        credential_id: str = "",
        public_key: Any = None,
    ) -> str:
        """Answer `navigator.credentials.create`.

        ``credential_id`` stands in place of a random one, ``public_key`` in place of an honest
        COSE key.
        """
        passkey = Passkey(rp_id or options["rp"]["id"], options["user"]["id"])
        passkey.credential_id = credential_id or passkey.credential_id
        self.passkeys.append(passkey)
        known = base64url_to_bytes(passkey.credential_id)
        cose = cbor2.dumps(_cose(passkey) if public_key is None else public_key)
        attested = bytes(16) + len(known).to_bytes(2, "big") + known + cose
        attestation = {
            "fmt": "none",
            "attStmt": {},
            "authData": self._data(passkey, _ATTESTED) + attested,
        }
        return _answer(
            passkey,
            clientDataJSON=_client_data("webauthn.create", options, origin, framed=framed),
            attestationObject=cbor2.dumps(attestation),
        )

    def get(
        self,
        options: dict[str, Any],
        origin: str,
        *,
        rp_id: str = "",
        bent: dict[str, bytes] | None = None,
    ) -> str:
        """Answer `navigator.credentials.get`; what is ``bent`` stands in place of the honest."""
        used = self.passkeys[-1]
        if self.counts:
            used.count += 1
        client_data = _client_data("webauthn.get", options, origin)
        data = self._data(used, rp_id=rp_id)
        signed = data + hashlib.sha256(client_data).digest()
        honest = {
            "clientDataJSON": client_data,
            "authenticatorData": data,
            "signature": used.private_key.sign(signed, ec.ECDSA(SHA256())),
            "userHandle": base64url_to_bytes(used.user_handle),
        }
        return _answer(used, **(honest | (bent or {})))

    def copy(self) -> "Authenticator":
        """Another authenticator with the same keys and counters."""
        return Authenticator(passkeys=[copy.copy(passkey) for passkey in self.passkeys])

    def _data(self, passkey: Passkey, more: int = 0, *, rp_id: str = "") -> bytes:
        flags = _PRESENT | more
        flags |= _VERIFIED if self.verifies_user else 0
        flags |= _ELIGIBLE | _BACKED_UP if self.is_backed_up else 0
        party = hashlib.sha256((rp_id or passkey.rp_id).encode()).digest()
        return party + bytes([flags]) + passkey.count.to_bytes(4, "big")


def _answer(passkey: Passkey, **response: bytes) -> str:
    return json.dumps(
        {
            "id": passkey.credential_id,
            "rawId": passkey.credential_id,
            "type": "public-key",
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
        }
    )


def _client_data(
    ceremony: str, options: dict[str, Any], origin: str, *, framed: bool = False
) -> bytes:
    data = {
        "type": ceremony,
        "challenge": options["challenge"],
        "origin": origin,
        "crossOrigin": framed,
    }
    return json.dumps(data).encode()


def _cose(passkey: Passkey) -> dict[int, Any]:
    numbers = passkey.private_key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    return {1: 2, 3: -7, -1: 1, -2: x, -3: y}
