"""Encrypted request objects (RFC 9101, 6.1): a signed one inside a JWE to one of our keys.

Whatever is wrong is told as one thing, so that nobody learns from an answer what was decrypted.
"""

from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.util import json_b64decode

from idp.keys.keyring import LoadedKey
from idp.keys.purposes import ENCRYPTION
from idp.oauth.clients.encryption_keys import CONTENT_ALGORITHMS
from idp.provider import Provider

ALGORITHMS = list(ENCRYPTION)
"""Each has a key of ours; RSA1_5 cannot be decrypted without an oracle (RFC 8725, 3.2)."""
_DOTS = 4


def is_encrypted(text: str) -> bool:
    """Whether it has the five parts of a JWE in its compact form (RFC 7516, 9)."""
    return text.count(".") == _DOTS


def decrypted(provider: Provider, text: str) -> str | None:
    """The text inside, or nothing for whatever reason it cannot be had.

    What was compressed is not inflated: little text could become much (RFC 8725, 3.6).
    """
    header = _header(text)
    if header.get("alg") not in ALGORITHMS or header.get("enc") not in CONTENT_ALGORITHMS:
        return None
    if "zip" in header or "crit" in header:
        return None
    for key in _keys_of(provider, header):
        try:
            opened = jwe.decrypt_compact(text, key.key, [key.alg, header["enc"]])
            return (opened.plaintext or b"").decode("ascii")
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return None


def _header(text: str) -> dict[str, Any]:
    try:
        header = json_b64decode(text.partition(".")[0].encode())
    except (ValueError, RecursionError):
        return {}
    return header if isinstance(header, dict) else {}


def _keys_of(provider: Provider, header: dict[str, Any]) -> list[LoadedKey]:
    purpose = ENCRYPTION[header["alg"]]
    if "kid" not in header:
        return provider.keyring.published(purpose)
    key = provider.keyring.find([purpose], str(header["kid"]))
    return [] if key is None else [key]
