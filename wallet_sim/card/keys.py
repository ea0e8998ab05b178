"""What a card's keys can do once they are unlocked, wherever they lie."""

import hashlib
from typing import Any, NoReturn, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from wallet_sim.card.file import Use

USES: tuple[Use, ...] = ("authentication", "signature")


class CardKeys(Protocol):
    """The two private keys of an unlocked card; neither ever leaves it."""

    def public_key(self, use: Use) -> ec.EllipticCurvePublicKey:
        """The public half of a key."""

    def sign_digest(self, use: Use, digest: bytes) -> bytes:
        """ECDSA on P-256 over 32 bytes of SHA-256, DER (RFC 3279, 2.2.3)."""

    def close(self) -> None:
        """Lock the keys again."""


def sign(keys: CardKeys, use: Use, data: bytes) -> bytes:
    """ECDSA on P-256 with SHA-256 over some data, DER."""
    return keys.sign_digest(use, hashlib.sha256(data).digest())


def certificate_request(keys: CardKeys, use: Use, number: str) -> str:
    """A PKCS#10 request, PEM; the authority decides subject and extensions."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, number)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    request = builder.sign(_PrivateKey(keys, use), SHA256())
    return request.public_bytes(Encoding.PEM).decode("ascii")


class _PrivateKey(ec.EllipticCurvePrivateKey):
    """A card's key in the form that cryptography signs requests with."""

    curve = ec.SECP256R1()
    key_size = 256

    def __init__(self, keys: CardKeys, use: Use) -> None:
        self._keys = keys
        self._use = use

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._keys.public_key(self._use)

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        del signature_algorithm
        return sign(self._keys, self._use, bytes(data))

    def exchange(self, *_arguments: Any) -> NoReturn:
        raise NotImplementedError("a card's key signs, and nothing else")

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError("a card's key does not leave it")

    def private_bytes(self, *_arguments: Any) -> NoReturn:
        raise NotImplementedError("a card's key does not leave it")

    def __copy__(self) -> "_PrivateKey":
        return self

    def __deepcopy__(self, memo: Any) -> "_PrivateKey":
        return self
