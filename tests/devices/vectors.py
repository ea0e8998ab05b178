"""Numbers to check an implementation of the phone's protocol with.

`python -m tests.devices.vectors` writes `docs/phone-vectors.json`; a test holds the two together.
Every input is fixed; what ECDSA draws at random is not here.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from idp.devices.documents import bytes_to_sign, change_decision
from idp.devices.proofs import encode_base64url
from tests.devices.phone_driver import AAGUID, ORIGIN, RP_ID, cose_key

FILE = Path(__file__).parents[2] / "docs" / "phone-vectors.json"
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CREDENTIAL_ID = bytes(range(32))
_SALT = bytes(range(32, 64))

SIGNIN = {
    "v": 1,
    "purpose": "signin",
    "challenge_id": "Y2hhbGxlbmdlLTAwMDE",
    "nonce": encode_base64url(bytes(32)),
    "device_id": "ZGV2aWNlLTAwMDE",
    "client_id": "espace-demo",
    "client_name": "Espace de démonstration",
    "action": "sign-in",
    "acr": "eidas1",
    "browser": "Firefox sous Windows",
    "place": "réseau inconnu",
    "same_device": False,
    "number": {"mode": "choice", "options": ["07", "42", "91"]},
    "iat": 1790000000,
    "exp": 1790000060,
}
CIBA = {
    "v": 1,
    "purpose": "signin",
    "challenge_id": "Y2hhbGxlbmdlLTAwMDI",
    "nonce": encode_base64url(bytes(32)),
    "device_id": "ZGV2aWNlLTAwMDE",
    "client_id": "logiciel-demo",
    "client_name": "Logiciel de cabinet",
    "acr": "eidas1",
    "action": "ciba",
    "message": "Ordonnance n° 12",
    "place": "réseau inconnu",
    "same_device": False,
    "number": {"mode": "none"},
    "iat": 1790000000,
    "exp": 1790000120,
}
ENROL = {
    "v": 1,
    "purpose": "enrol",
    "challenge_id": "dGlja2V0LTAwMDE",
    "nonce": encode_base64url(bytes(32)),
    "device": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    "policy_version": 1,
    "iat": 1790000000,
    "exp": 1790000300,
}


def compose() -> dict[str, Any]:
    """All vectors."""
    return {
        "pin_key": [_pin_key(pin, cost) for pin, cost in (("482915", 14), ("0000", 10))],
        "bytes_to_sign": [
            _act(SIGNIN, "approve", "42"),
            _act(SIGNIN, "approve", "07"),
            _act(CIBA, "approve", None),
            _act(ENROL, "register", None),
            _act(ENROL | {"purpose": "pin-change"}, change_decision(b"attestation"), None),
        ],
        "authenticator_data": {
            "rp_id": RP_ID,
            "origin": ORIGIN,
            "counter": 7,
            "assertion_hex": _head(0x05, 7).hex(),
            "registration_hex": _registered().hex(),
        },
        "thumbprint": _thumbprint(),
        "request": {
            "header": {"alg": "ES256", "typ": "ecps-request+jws", "kid": "ZGV2aWNlLTAwMDE"},
            "payload": {
                "v": 1,
                "aud": "http://localhost:8000/auth/realms/esante-wallet",
                "path": "/wallet/v1/pending",
                "iat": 1790000000,
                "request_id": encode_base64url(bytes(range(16))),
            },
        },
    }


def write() -> str:
    """The file's text."""
    return json.dumps(compose(), ensure_ascii=False, indent=1) + "\n"


def _key(pin: str, log2_n: int) -> ec.EllipticCurvePrivateKey:
    material = hashlib.scrypt(
        pin.encode(), salt=_SALT, n=1 << log2_n, r=8, p=1, maxmem=64 << 20, dklen=40
    )
    return ec.derive_private_key(int.from_bytes(material) % (_ORDER - 1) + 1, ec.SECP256R1())


def _pin_key(pin: str, log2_n: int) -> dict[str, Any]:
    key = _key(pin, log2_n)
    return {
        "pin": pin,
        "salt_hex": _SALT.hex(),
        "log2_n": log2_n,
        "r": 8,
        "p": 1,
        "scalar_hex": key.private_numbers().private_value.to_bytes(32).hex(),
        "cose_key_hex": cose_key(key).hex(),
    }


def _act(document: dict[str, Any], decision: str, number: str | None) -> dict[str, Any]:
    act = {
        "v": 1,
        "purpose": document["purpose"],
        "document": document,
        "decision": decision,
        "number": number,
    }
    return {
        "document": document,
        "decision": decision,
        "number": number,
        "jcs": rfc8785.dumps(act).decode(),
        "sha256": encode_base64url(bytes_to_sign(document, decision, number)),
    }


def _head(flags: int, counter: int) -> bytes:
    return hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + counter.to_bytes(4)


def _registered() -> bytes:
    attested = AAGUID + len(_CREDENTIAL_ID).to_bytes(2) + _CREDENTIAL_ID
    return _head(0x45, 0) + attested + cose_key(_key("482915", 14))


def _thumbprint() -> dict[str, Any]:
    numbers = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    jwk: dict[str, Any] = {
        "kty": "EC",
        "crv": "P-256",
        "x": encode_base64url(numbers.x.to_bytes(32)),
        "y": encode_base64url(numbers.y.to_bytes(32)),
    }
    return {"jwk": jwk, "rfc7638": ECKey.import_key(jwk).thumbprint()}


if __name__ == "__main__":
    FILE.write_text(write(), "utf-8")
