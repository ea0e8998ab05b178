"""What the maker of a card sends: public keys and salts, never a code (docs/cards.md 3).

Pure: it knows neither Flask nor SQL.
"""

from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from idp.devices.errors import Malformed
from idp.devices.proofs import ProofRefused, decode_base64url, public_key

_SALT_BYTES = range(16, 65)


@dataclass(frozen=True)
class MadeCard:
    """The public half of a card in the making."""

    card_jwk: dict[str, Any]
    authentication_key: ec.EllipticCurvePublicKey
    signature_key: ec.EllipticCurvePublicKey
    code_salt: bytes
    unblock_salt: bytes


def read_made_card(body: dict[str, Any]) -> MadeCard:
    """Read the maker's request: three different keys of P-256, each proved by its holder.

    Raises:
        Malformed: a member is missing or has another form; ``member`` names it.
    """
    try:
        card_jwk = public_key(body.get("card_jwk"))
    except ProofRefused as error:
        raise Malformed(member="card_jwk") from error
    authentication_key = _requested_key(body, "authentication_csr")
    signature_key = _requested_key(body, "signature_csr")
    points = {_point_of_jwk(card_jwk), _point_of(authentication_key), _point_of(signature_key)}
    if len(points) != len(("card", "authentication", "signature")):
        raise Malformed(member="signature_csr")
    return MadeCard(
        card_jwk,
        authentication_key,
        signature_key,
        _salt(body, "code_salt"),
        _salt(body, "unblock_salt"),
    )


def _requested_key(body: dict[str, Any], name: str) -> ec.EllipticCurvePublicKey:
    """The key of a PKCS#10 request; its subject and extensions are for the provider to say."""
    text = body.get(name)
    if not isinstance(text, str) or not text.isascii():
        raise Malformed(member=name)
    try:
        csr = x509.load_pem_x509_csr(text.encode())
        key = csr.public_key()
        holds = csr.is_signature_valid
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise Malformed(member=name) from error
    if (
        not holds
        or not isinstance(key, ec.EllipticCurvePublicKey)
        or not isinstance(key.curve, ec.SECP256R1)
    ):
        raise Malformed(member=name)
    return key


def _salt(body: dict[str, Any], name: str) -> bytes:
    try:
        salt = decode_base64url(body.get(name))
    except ValueError as error:
        raise Malformed(member=name) from error
    if len(salt) not in _SALT_BYTES:
        raise Malformed(member=name)
    return salt


def _point_of_jwk(jwk: dict[str, Any]) -> tuple[int, int]:
    x, y = (int.from_bytes(decode_base64url(jwk[name])) for name in ("x", "y"))
    return x, y


def _point_of(key: ec.EllipticCurvePublicKey) -> tuple[int, int]:
    numbers = key.public_numbers()
    return numbers.x, numbers.y
