"""Secrets that people type, in Crockford's base32: the token of a QR, and the revocation code."""

import secrets
from urllib.parse import quote

from idp.keys.sealing import sha256

BYTES = 16
LENGTH = 26
REVOCATION_LENGTH = 15
"""75 random bits: a guess is hopeless, and three groups fit on a slip of paper (attack 42)."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 5
# Crockford reads letters that look like digits as these; case, spaces and hyphens do not matter.
_READ = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def new_token() -> str:
    """A token of 128 random bits, 26 characters."""
    return encode_token(secrets.token_bytes(BYTES))


def new_revocation_code() -> str:
    """What ends an e-CPS whose phone is lost, whoever types it: 75 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(REVOCATION_LENGTH))


def is_revocation_code(typed: str) -> bool:
    """Whether a text has the form of a revocation code, whatever way it was typed."""
    code = _as_made(typed)
    return len(code) == REVOCATION_LENGTH and set(code) <= set(_ALPHABET)


def encode_token(secret: bytes) -> str:
    """16 bytes as the 26 characters that a QR holds and a person types."""
    value = int.from_bytes(secret)
    return "".join(
        _ALPHABET[(value >> shift) & 31] for shift in range((LENGTH - 1) * _GROUP, -1, -_GROUP)
    )


def for_reading(token: str) -> str:
    """The token in groups of five, as a person reads and types it."""
    return " ".join(token[start : start + _GROUP] for start in range(0, len(token), _GROUP))


def token_hash(typed: str) -> bytes:
    """SHA-256 of the token as it was made, whatever way it was typed."""
    return sha256(_as_made(typed))


def qr_content(*, act: str, base_url: str, token: str, kid: str, expires_at: int) -> str:
    """What a QR says (docs/phone-protocol.md 5 and 10); ``act`` is `enrol` or `pair`."""
    values = {"v": "1", "u": base_url, "t": token, "k": kid, "x": str(expires_at)}
    return f"ecps://{act}?" + "&".join(
        f"{name}={quote(value, safe='')}" for name, value in values.items()
    )


def _as_made(typed: str) -> str:
    return typed.upper().translate(_READ)
