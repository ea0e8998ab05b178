"""Whether a client's certificate is worth anything: chain, dates, purpose, revocation.

RFC 5280, 6, for what authenticates relying services (RFC 8705, 2.1): every authority is one the
operator named, and time is the caller's. Pure: neither Flask nor SQL nor files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

_DEEPEST = 5
"""Authorities above a certificate."""
_RSA_BITS = 2048
_CURVE_BITS = 256
_DIGESTS = (SHA256, SHA384, SHA512)
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,  # any policy will do: there is nothing to process
    }
)
_PURPOSES = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})

E = TypeVar("E", bound=x509.ExtensionType)


class CertificateRefused(Exception):
    """The certificate proves nothing; the message is for the operator's log, never the client."""


@dataclass(frozen=True)
class Trust:
    """Authorities that are believed together, with what they revoked."""

    authorities: tuple[x509.Certificate, ...]
    """Roots and those below them: a chain is made of these alone."""
    lists: tuple[x509.CertificateRevocationList, ...] | None
    """None where revocation is not asked about; else each authority of a chain needs one."""


def check_chain(certificate: x509.Certificate, trust: Trust, now: datetime) -> None:
    """Judge a client's certificate.

    Raises:
        CertificateRefused: the first thing that does not hold.
    """
    check_by_itself(certificate, now)
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        raise CertificateRefused("its key may not authenticate (key usage)")
    _climb(certificate, trust, now, below=0)


def check_by_itself(certificate: x509.Certificate, now: datetime) -> None:
    """Judge what a certificate says of itself: dates, key, purpose.

    Raises:
        CertificateRefused: the first thing that does not hold.
    """
    if now < certificate.not_valid_before_utc:
        raise CertificateRefused("it is not valid yet")
    if now > certificate.not_valid_after_utc:
        raise CertificateRefused("it has expired")
    _check_key(certificate)
    _check_critical(certificate)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and not _PURPOSES & set(purposes):
        raise CertificateRefused("it is not for client authentication (extended key usage)")


def _climb(certificate: x509.Certificate, trust: Trust, now: datetime, *, below: int) -> None:
    """Find an authority that holds, and one above it, up to a root."""
    problem = CertificateRefused("its authority is not among those trusted")
    if below > _DEEPEST:
        raise CertificateRefused("there are too many authorities above it")
    for authority in trust.authorities:
        if authority.subject != certificate.issuer:
            continue
        try:
            _check_authority(authority, certificate, now, below=below)
            _check_not_revoked(certificate, authority, trust, now)
            if authority.subject != authority.issuer:
                _climb(authority, trust, now, below=below + 1)
        except CertificateRefused as error:
            problem = error
        else:
            return
    raise problem


def _check_authority(
    authority: x509.Certificate, certificate: x509.Certificate, now: datetime, *, below: int
) -> None:
    _check_signature(certificate, authority)
    check_by_itself(authority, now)
    constraints = _extension(authority, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        raise CertificateRefused("what signed it is no authority (basic constraints)")
    if constraints.path_length is not None and constraints.path_length < below:
        raise CertificateRefused("there are more authorities above it than its root permits")
    usage = _extension(authority, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        raise CertificateRefused("its authority may not sign certificates (key usage)")


def _check_signature(certificate: x509.Certificate, authority: x509.Certificate) -> None:
    try:
        digest = certificate.signature_hash_algorithm
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError) as error:
        raise CertificateRefused("its signature is not that of its authority") from error
    is_ed25519 = certificate.signature_algorithm_oid == SignatureAlgorithmOID.ED25519
    if not isinstance(digest, _DIGESTS) and not is_ed25519:
        raise CertificateRefused("it is signed with a digest that is too weak")


def _check_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        raise CertificateRefused("its key cannot be read") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= _CURVE_BITS:
        return
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise CertificateRefused("its key is too weak, or of another kind")


def _check_critical(certificate: x509.Certificate) -> None:
    for extension in _extensions(certificate):
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise CertificateRefused(
                f"its critical extension {extension.oid.dotted_string} is unknown"
            )


def _check_not_revoked(
    certificate: x509.Certificate, authority: x509.Certificate, trust: Trust, now: datetime
) -> None:
    if trust.lists is None:
        return
    current = [each for each in trust.lists if _is_current(each, authority, now)]
    if not current:
        raise CertificateRefused("no revocation list of its authority is there and in time")
    serial = certificate.serial_number
    if any(each.get_revoked_certificate_by_serial_number(serial) for each in current):
        raise CertificateRefused("it is revoked")


def _is_current(
    revoked: x509.CertificateRevocationList, authority: x509.Certificate, now: datetime
) -> bool:
    """Whether a list is this authority's, whole, and in time; one without an end never is."""
    ends = revoked.next_update_utc
    if revoked.issuer != authority.subject or ends is None:
        return False
    if not revoked.last_update_utc <= now <= ends:
        return False
    usage = _extension(authority, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        return False
    try:
        is_signed = revoked.is_signature_valid(authority.public_key())  # type: ignore[arg-type]  # its key was checked
        # A part of a list, or one of changes alone, says so in a critical extension.
        return is_signed and not any(each.critical for each in revoked.extensions)
    except (UnsupportedAlgorithm, TypeError, ValueError, x509.DuplicateExtension):
        return False


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    for extension in _extensions(certificate):
        if isinstance(extension.value, kind):
            return extension.value
    return None


def _extensions(certificate: x509.Certificate) -> Iterable[x509.Extension[x509.ExtensionType]]:
    try:
        return certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise CertificateRefused("its extensions cannot be read") from error
