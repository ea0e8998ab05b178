"""Passwords of operators under a slow KDF, and the codes of their authenticator (RFC 6238)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

_SALT = 16
_BLOCK = 8
_STEP = 30
_DRIFT = (0, -1, 1)
"""Steps tried besides the present one: clocks differ, codes are typed slowly (RFC 6238, 5.2)."""


def hash_password(password: str, cost: int) -> str:
    """Derive with scrypt at a cost that is a power of two, with a salt of its own."""
    salt = secrets.token_bytes(_SALT)
    digest = _derive(password, salt, cost)
    return "$".join(("scrypt", str(cost), _text(salt), _text(digest)))


def is_password(password: str, password_hash: str | None, cost: int) -> bool:
    """Whether a password is the one of a hash; without a hash, the same work and no."""
    if password_hash is None:
        _derive(password, bytes(_SALT), cost)
        return False
    _scheme, made_at, salt, digest = password_hash.split("$")
    given = _derive(password, base64.b64decode(salt), int(made_at))
    return hmac.compare_digest(given, base64.b64decode(digest))


def totp_secret(material: bytes) -> str:
    """A secret for an authenticator (base32, 160 bits) from as many random bytes."""
    return base64.b32encode(material[:20]).decode()


def totp_address(secret: str, *, name: str, issuer: str) -> str:
    """What an authenticator scans (`otpauth://`)."""
    address: str = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
    return address


def matching_step(secret: str, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed, of those that may be; None where it is none of them."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    code = "".join(typed.split()).encode()
    steps = [present + drift for drift in _DRIFT]
    found = [s for s in steps if hmac.compare_digest(totp.generate_otp(s).encode(), code)]
    return found[0] if found else None


def _derive(password: str, salt: bytes, cost: int) -> bytes:
    n = 2**cost
    return hashlib.scrypt(
        password.encode(), salt=salt, n=n, r=_BLOCK, p=1, maxmem=2 * 128 * _BLOCK * n, dklen=32
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
