"""Secrets at rest: sealed with a master key from a file or the environment (decision 23)."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_KEY = 32


class SealBroken(Exception):
    """The sealed bytes were altered, moved to another purpose, or sealed under another key."""


class MasterKeyMissing(Exception):
    """No usable master key is configured."""


class Sealer:
    """AES-256-GCM under purpose-bound keys derived from one master key."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != _KEY:
            raise MasterKeyMissing("the master key must be 32 bytes, written in base64url")
        self._master_key = master_key
        self._ciphers: dict[str, AESGCM] = {}
        self._hash_keys: dict[str, bytes] = {}

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt for one purpose; opening for another fails."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher(purpose).encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Decrypt what :meth:`seal` made for the same purpose.

        Raises:
            SealBroken: the bytes are not what this key sealed for this purpose.
        """
        try:
            return self._cipher(purpose).decrypt(sealed[:_NONCE], sealed[_NONCE:], purpose.encode())
        except InvalidTag as error:
            raise SealBroken(purpose) from error

    def keyed_hash(self, value: bytes, *, purpose: str) -> bytes:
        """HMAC-SHA256 under a key of its own: for human secrets and derived tokens."""
        key = self._hash_keys.get(purpose)
        if key is None:
            key = self._hash_keys[purpose] = self._derive(f"hmac:{purpose}")
        return hmac.digest(key, value, "sha256")

    def _cipher(self, purpose: str) -> AESGCM:
        cipher = self._ciphers.get(purpose)
        if cipher is None:
            cipher = self._ciphers[purpose] = AESGCM(self._derive(f"seal:{purpose}"))
        return cipher

    def _derive(self, label: str) -> bytes:
        return HKDF(SHA256(), _KEY, salt=None, info=label.encode()).derive(self._master_key)


def sha256(secret: str | bytes) -> bytes:
    """How random secrets are stored (design, 5)."""
    return hashlib.sha256(secret.encode() if isinstance(secret, str) else secret).digest()


def decode_master_key(text: str) -> bytes:
    """Read a base64url key; raises MasterKeyMissing for anything else."""
    try:
        return base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except ValueError as error:
        raise MasterKeyMissing("the master key is not base64url") from error


def read_or_make_key_file(path: Path) -> bytes:
    """The key file beside a simulation's database, made on first use, mode 0600."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return decode_master_key(path.read_text("ascii"))
    key = secrets.token_bytes(_KEY)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.urlsafe_b64encode(key).decode())
    return key
