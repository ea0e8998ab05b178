"""What the provider signs for phones, and the bytes a phone signs back (decision 18).

Pure: no Flask, no SQL. Source: docs/phone-protocol.md sections 3 to 6.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, Protocol

import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from idp.devices.proofs import decode_base64url, encode_base64url
from idp.settings import Settings

DOCUMENT_TYPE = "ecps-document+jws"
CONFIGURATION_TYPE = "ecps-configuration+jws"


class DocumentKey(Protocol):
    """A signing key ready for use, as the keyring gives it."""

    @property
    def kid(self) -> str:
        """The `kid` that phones pinned."""

    @property
    def alg(self) -> str:
        """The JWS algorithm."""

    @property
    def key(self) -> ECKey | RSAKey:
        """The private key."""


def bytes_to_sign(document: dict[str, Any], decision: str, number: str | None) -> bytes:
    """The WebAuthn challenge: SHA-256 over the JCS of what is decided (decision 18)."""
    statement = {
        "v": 1,
        "purpose": document["purpose"],
        "document": document,
        "decision": decision,
        "number": number,
    }
    return hashlib.sha256(rfc8785.dumps(statement)).digest()


def addressed(document: dict[str, Any], nonce: str, device_id: str) -> dict[str, Any]:
    """A stored document as one phone is given it: with the nonce of this try, and its name."""
    return document | {"nonce": nonce, "device_id": device_id}


def addressed_to_card(document: dict[str, Any], nonce: str, card_number: str) -> dict[str, Any]:
    """A stored document as one card is given it (decision 34)."""
    return document | {"nonce": nonce, "card_number": card_number}


def change_decision(attestation_object: bytes) -> str:
    """What the old PIN key signs in a PIN change: it names the new key's registration."""
    return "change:" + encode_base64url(hashlib.sha256(attestation_object).digest())


def sign_document(key: DocumentKey, document: dict[str, Any]) -> str:
    """A document that phones show and answer, signed by the phone-facing key."""
    return _sign(key, DOCUMENT_TYPE, document)


def sign_configuration(key: DocumentKey, configuration: dict[str, Any]) -> str:
    """The configuration, signed by the phone-facing key."""
    return _sign(key, CONFIGURATION_TYPE, configuration)


def policy(settings: Settings) -> dict[str, Any]:
    """The PIN policy in force (decision 22)."""
    return {
        "version": settings.pin_policy_version,
        "pin_min": settings.pin_min_length,
        "pin_max": settings.pin_max_length,
        "kdf": {"name": "scrypt", "log2_n": settings.kdf_log2_cost, "r": 8, "p": 1},
        "forbid": ["repeated", "sequence"],
    }


def compose_configuration(
    settings: Settings,
    now: datetime,
    *,
    simulation: bool,
    keys: list[dict[str, Any]],
    successions: list[str],
    vapid: dict[str, Any],
) -> dict[str, Any]:
    """What a phone must know of the provider (protocol, section 3).

    Args:
        settings: of this provider.
        now: the moment of issue; the configuration holds for `configuration_lifetime`.
        simulation: whether the people behind it are invented (decision 1).
        keys: the public phone-facing keys in use, as JWK.
        successions: endorsements of newer keys by their predecessors, as JWS.
        vapid: the public key of the push sender, as JWK.
    """
    issued_at = int(now.timestamp())
    return {
        "v": 1,
        "issuer": settings.issuer,
        "simulation": simulation,
        "rp_id": settings.rp_id,
        "origin": settings.phone_origin,
        "iat": issued_at,
        "exp": issued_at + int(settings.configuration_lifetime.total_seconds()),
        "policy": policy(settings),
        "keys": keys,
        "successions": successions,
        "vapid": _uncompressed_point(vapid),
    }


def registration_document(
    settings: Settings,
    *,
    challenge_id: str,
    nonce: bytes,
    device_thumbprint: str,
    issued_at: datetime,
    expires_at: datetime,
) -> dict[str, Any]:
    """The document a new PIN key signs at activation; the same arguments give it again."""
    return {
        "v": 1,
        "purpose": "enrol",
        "challenge_id": challenge_id,
        "nonce": encode_base64url(nonce),
        "device": device_thumbprint,
        "policy_version": settings.pin_policy_version,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }


def _sign(key: DocumentKey, typ: str, payload: dict[str, Any]) -> str:
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, data, key.key, [key.alg])


def _uncompressed_point(jwk: dict[str, Any]) -> str:
    return encode_base64url(b"\x04" + decode_base64url(jwk["x"]) + decode_base64url(jwk["y"]))
