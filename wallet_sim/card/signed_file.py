"""The holder's electronic signature over a file (CP-14), detached, as JSON.

What it shows: these bytes were signed with the card of the person whom the certificate names. It
carries no time of its own and looks up no revocation: who needs them asks the authority.
"""

import json
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BaseModel, ConfigDict, ValidationError

from wallet_sim.card.card import OpenedCard
from wallet_sim.card.errors import SignatureRefused
from wallet_sim.encoding import b64url, from_b64url

SUFFIX = ".sig.json"

_ALGORITHM = "ES256-DER"


class SignedFile(BaseModel):
    """What stands beside a signed file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    alg: str
    certificate: str
    """The signature certificate, PEM."""
    signature: str
    """ECDSA on P-256 with SHA-256 over the file, DER, base64url."""


def sign_content(card: OpenedCard, content: bytes) -> SignedFile:
    """The holder's signature over this content."""
    return SignedFile(
        alg=_ALGORITHM,
        certificate=card.state.certificates.signature,
        signature=b64url(card.sign(content)),
    )


def sign_file(card: OpenedCard, content: bytes) -> str:
    """The JSON that stands beside a file with this content."""
    return json.dumps(sign_content(card, content).model_dump(), indent=1) + "\n"


def verify_file(content: bytes, signed: bytes, authority: bytes, now: int) -> x509.Certificate:
    """The certificate of the card that signed this content.

    Args:
        content: of the file.
        signed: the JSON that stands beside it.
        authority: the certificate of the authority of the cards, DER or PEM.
        now: the present instant, a NumericDate.

    Raises:
        SignatureRefused: form, authority, use, validity or signature does not hold.
    """
    try:
        given = SignedFile.model_validate_json(signed)
        certificate = x509.load_pem_x509_certificate(given.certificate.encode("ascii"))
        signature = from_b64url(given.signature)
    except (ValidationError, ValueError, x509.InvalidVersion) as error:
        raise SignatureRefused("this is no signature of a card") from error
    if given.alg != _ALGORITHM:
        raise SignatureRefused(f"unknown algorithm {given.alg}")
    _check_issuer(certificate, authority)
    _check_use(certificate)
    if (
        not certificate.not_valid_before_utc
        <= datetime.fromtimestamp(now, UTC)
        <= (certificate.not_valid_after_utc)
    ):
        raise SignatureRefused("the certificate is not valid now")
    _check_signature(certificate, signature, content)
    return certificate


def _check_issuer(certificate: x509.Certificate, authority: bytes) -> None:
    is_pem = authority.lstrip().startswith(b"-----BEGIN")
    try:
        load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
        issuer = load(authority)
        certificate.verify_directly_issued_by(issuer)
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        raise SignatureRefused("the certificate is not of that authority") from error
    if not constraints.ca:
        raise SignatureRefused("what is to be trusted is no authority")


def _check_use(certificate: x509.Certificate) -> None:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except (x509.ExtensionNotFound, ValueError) as error:
        raise SignatureRefused("the certificate says no use") from error
    # content_commitment is what RFC 5280, 4.2.1.3 calls nonRepudiation too.
    if not (usage.critical and usage.value.content_commitment):
        raise SignatureRefused("the certificate is not one to sign with")


def _check_signature(certificate: x509.Certificate, signature: bytes, content: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise SignatureRefused("the certificate's key is of another kind")
    try:
        key.verify(signature, content, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise SignatureRefused("the signature does not hold over this content") from error
