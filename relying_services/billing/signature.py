"""Signatures of cards over documents of this workstation, and whether they hold (CP-14).

The form is that of `ecps-wallet card sign`: `{alg, certificate, signature}`.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from relying_services.billing.authority import Authority, NotOfAuthority
from relying_services.billing.chip import check_signs, holder_of

_ALGORITHM = "ES256-DER"


class SignatureWrong(ValueError):
    """A signature does not hold; the message says of what, and why."""


@dataclass(frozen=True)
class Signer:
    """Whose card signed."""

    national_id: str
    certificate: x509.Certificate


def canonical(document: dict[str, Any]) -> str:
    """The one text of a document: what is signed, kept and exported."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def verify(text: str, signed: dict[str, Any], authority: Authority, *, at: datetime) -> Signer:
    """Whose card signed a text.

    Args:
        text: of the document.
        signed: `alg`, `certificate` (PEM), `signature` (base64url).
        authority: of the cards.
        at: the instant at which the certificate must have been valid.

    Raises:
        SignatureWrong: form, authority, use, dates or signature does not hold.
    """
    try:
        certificate = x509.load_pem_x509_certificate(str(signed["certificate"]).encode("ascii"))
        given = str(signed["signature"])
        signature = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
        authority.check(certificate)
        check_signs(certificate)
        signer = Signer(holder_of(certificate), certificate)
    except (KeyError, binascii.Error, UnicodeEncodeError, x509.ExtensionNotFound) as error:
        raise SignatureWrong("this is no signature of a card") from error
    except (NotOfAuthority, ValueError) as error:
        raise SignatureWrong(str(error)) from error
    if signed.get("alg") != _ALGORITHM:
        raise SignatureWrong("unknown algorithm")
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise SignatureWrong("the certificate was not valid then")
    _check(certificate, signature, text.encode())
    return signer


def _check(certificate: x509.Certificate, signature: bytes, content: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SignatureWrong("the certificate's key is of another kind")
    try:
        key.verify(signature, content, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise SignatureWrong("the signature does not hold over this content") from error
