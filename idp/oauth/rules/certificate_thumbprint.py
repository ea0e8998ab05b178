"""How `cnf` names a certificate (RFC 8705, 3.1), and the other way that is in use. Pure.

Samples of Pro Santé Connect's partners hold base64 of the hexadecimal digest instead of base64url
of the digest (pro-sante-connect 6.4): the setting `cnf_encoding` writes it, and both are read.
"""

import base64
import hashlib
import hmac
from typing import Literal

CONFIRMATION = "x5t#S256"
CnfEncoding = Literal["base64url", "base64_hex"]


def thumbprint(der: bytes, encoding: CnfEncoding = "base64url") -> str:
    """The value of `x5t#S256` for a certificate."""
    digest = hashlib.sha256(der)
    if encoding == "base64_hex":
        return base64.b64encode(digest.hexdigest().encode()).decode()
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def names_certificate(value: str, der: bytes) -> bool:
    """Whether a value of `x5t#S256` is that certificate's, in either encoding."""
    known = (thumbprint(der), thumbprint(der, "base64_hex"))
    return any(hmac.compare_digest(value.encode(), each.encode()) for each in known)
