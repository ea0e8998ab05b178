"""Certificates for trying `tls_client_auth`, made by a simulation for its own services.

Laid out as those that real services order (pro-sante-connect 6.3), under names of the simulation
(decision 30): nobody else believes them, for no other database holds their authority.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.authority import organisations_authority
from idp.keys.key_usage import key_usage
from idp.provider import Provider

_LONGEST_NAME = 64
"""Of a common name (RFC 5280, appendix A.1: ub-common-name)."""
_STRUCTURE = "300000000000000"
"""A structure's number with its type digit, of a structure that does not exist."""
_KEY_BITS = 2048
_EXPONENT = 65537


class NameTooLong(Exception):
    """The client's identifier does not fit into a certificate."""


@dataclass(frozen=True)
class SimulatedCertificate:
    """A certificate with its key, and what stands above it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def subject(self) -> str:
        """The value to register as `tls_client_auth_subject_dn`."""
        return self.certificate.subject.rfc4514_string()


def issue(provider: Provider, db: Session, client_id: str) -> SimulatedCertificate:
    """Make a key and a certificate that names the client.

    Args:
        provider: of a simulation.
        db: an open writing session: the authority is made at first need.
        client_id: becomes the common name.

    Raises:
        AuthorityRefused: the database is real.
        NameTooLong: the identifier has more than 64 characters.
    """
    if len(client_id) > _LONGEST_NAME:
        raise NameTooLong(f"{client_id} has more than {_LONGEST_NAME} characters")
    authority = organisations_authority(provider, db)
    key = rsa.generate_private_key(_EXPONENT, _KEY_BITS)
    now = provider.clock.now().replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(client_id))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + provider.settings.simulated_certificate_lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    certificate = authority.sign_certificate(builder)
    record(db, Event.CLIENT_CERTIFICATE_ISSUED, now=now, client_id=client_id)
    return SimulatedCertificate(certificate, key, authority.chain)


def _subject(client_id: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Paris (75)"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULATION"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, _STRUCTURE),
            x509.NameAttribute(NameOID.COMMON_NAME, client_id),
        ]
    )
