"""The two certificates of a card: one to authenticate, one to sign (docs/cards.md 2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from idp.cards.authority import Authority
from idp.keys.key_usage import key_usage
from idp.settings import Settings
from idp.store.models import CardCertificate

ROOT_PATH = "/pki/root.crt"
PERSONS_PATH = "/pki/persons.crt"
LIST_PATH = "/pki/persons.crl"
OCSP_PATH = "/pki/ocsp"
_LONGEST = timedelta(days=3 * 365)
"""Three years at most from issue (CP-10)."""


class Use(StrEnum):
    """What a certificate of a card is for."""

    AUTHENTICATION = "authentication"
    SIGNATURE = "signature"


_KEY_USES = {Use.AUTHENTICATION: "digital_signature", Use.SIGNATURE: "content_commitment"}


@dataclass(frozen=True)
class Validity:
    """From when until when a card, and what it holds, may be used."""

    starts_at: datetime
    ends_at: datetime


def validity_from(settings: Settings, now: datetime) -> Validity:
    """Of a card made now: certificates know whole seconds only (CP-10)."""
    starts_at = now.replace(microsecond=0)
    return Validity(starts_at, starts_at + min(settings.card_lifetime, _LONGEST))


def serial_of(certificate: x509.Certificate) -> str:
    """The serial number as it is kept: lower-case hexadecimal, without leading zero."""
    return f"{certificate.serial_number:x}"


def issue(
    settings: Settings,
    authority: Authority,
    *,
    use: Use,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    validity: Validity,
) -> x509.Certificate:
    """A certificate that ends with its card, of a serial number nobody can foresee."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.starts_at)
        .not_valid_after(validity.ends_at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(_KEY_USES[use]), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_where_lists_are(settings), critical=False)
        .add_extension(_where_to_ask(settings), critical=False)
    )
    if use is Use.AUTHENTICATION:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False
        )
    return authority.sign_certificate(builder)


def row_of(card_number: str, use: Use, certificate: x509.Certificate) -> CardCertificate:
    """An issued certificate as it is kept."""
    return CardCertificate(
        serial=serial_of(certificate),
        card_number=card_number,
        use=use,
        certificate=certificate.public_bytes(Encoding.DER),
        starts_at=certificate.not_valid_before_utc,
        ends_at=certificate.not_valid_after_utc,
        revoked_at=None,
        revocation_reason=None,
    )


def _where_lists_are(settings: Settings) -> x509.CRLDistributionPoints:
    address = x509.UniformResourceIdentifier(settings.base_url + LIST_PATH)
    return x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])


def _where_to_ask(settings: Settings) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(method, x509.UniformResourceIdentifier(settings.base_url + path))
            for method, path in (
                (AuthorityInformationAccessOID.OCSP, OCSP_PATH),
                (AuthorityInformationAccessOID.CA_ISSUERS, PERSONS_PATH),
            )
        ]
    )
