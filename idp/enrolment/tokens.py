"""The mailed token: 16 random bytes in Crockford's base32, scanned or typed."""

import secrets
from urllib.parse import quote

from idp.keys.sealing import sha256

BYTES = 16
LENGTH = 26
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 5
# Crockford reads letters that look like digits as these; case, spaces and hyphens do not matter.
_READ = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def new_token() -> str:
    """A token of 128 random bits, 26 characters."""
    value = int.from_bytes(secrets.token_bytes(BYTES))
    return "".join(
        _ALPHABET[(value >> shift) & 31] for shift in range((LENGTH - 1) * _GROUP, -1, -_GROUP)
    )


def for_reading(token: str) -> str:
    """The token in groups of five, as a person reads and types it."""
    return " ".join(token[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def token_hash(typed: str) -> bytes:
    """SHA-256 of the token as it was made, whatever way it was typed."""
    return sha256(typed.upper().translate(_READ))


def qr_content(*, base_url: str, token: str, kid: str, expires_at: int) -> str:
    """What the mailed QR says (docs/phone-protocol.md 5)."""
    values = {"v": "1", "u": base_url, "t": token, "k": kid, "x": str(expires_at)}
    return "ecps://enrol?" + "&".join(
        f"{name}={quote(value, safe='')}" for name, value in values.items()
    )
