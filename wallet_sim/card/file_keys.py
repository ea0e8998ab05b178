"""Private keys in the card's file, encrypted under `K`."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from wallet_sim.card.errors import CardFileRefused
from wallet_sim.card.file import FileBackend, Use
from wallet_sim.card.keys import USES
from wallet_sim.encoding import b64url


class FileKeys:
    """The keys of a card that is a file, in memory while it is unlocked."""

    def __init__(self, keys: dict[Use, ec.EllipticCurvePrivateKey]) -> None:
        self._keys = keys

    def public_key(self, use: Use) -> ec.EllipticCurvePublicKey:
        """The public half of a key."""
        return self._keys[use].public_key()

    def sign_digest(self, use: Use, digest: bytes) -> bytes:
        """ECDSA over a digest, DER."""
        return self._keys[use].sign(digest, ec.ECDSA(Prehashed(SHA256())))

    def pem(self, use: Use) -> str:
        """The private key in clear, PKCS#8 PEM: for what takes no card, such as a browser."""
        return _pem(self._keys[use], None)

    def close(self) -> None:
        """Forget the keys."""
        self._keys.clear()


def make(key: bytes) -> tuple[FileBackend, FileKeys]:
    """Fresh keys, and how the card's file keeps them under `K`."""
    made = {use: ec.generate_private_key(ec.SECP256R1()) for use in USES}
    kept = {use: _pem(private, b64url(key).encode("ascii")) for use, private in made.items()}
    return FileBackend(keys=kept), FileKeys(made)


def unlock(backend: FileBackend, key: bytes) -> FileKeys:
    """The keys, opened with `K`.

    Raises:
        CardFileRefused: they do not lie under this `K`.
    """
    return FileKeys({use: _load(pem, key) for use, pem in backend.keys.items()})


def _load(pem: str, key: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        private = load_pem_private_key(pem.encode("ascii"), b64url(key).encode("ascii"))
    except ValueError as error:
        raise CardFileRefused("the card's keys are damaged") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise CardFileRefused("the card's keys are of another kind")
    return private


def _pem(private: ec.EllipticCurvePrivateKey, password: bytes | None) -> str:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode("ascii")
