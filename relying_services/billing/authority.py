"""The authority of the cards, as this workstation was told of it: the only one it trusts.

docs/cards.md 2. Pure but for the reading of the file.
"""

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from relying_services.service.settings import WrongSetting


class NotOfAuthority(ValueError):
    """Something was not signed by the authority."""


class Authority:
    """What the authority signed, told from what it did not.

    Args:
        certificate: of the authority.

    Raises:
        WrongSetting: it is no authority's certificate.
    """

    def __init__(self, certificate: x509.Certificate) -> None:
        key = certificate.public_key()
        try:
            basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        except x509.ExtensionNotFound as error:
            raise WrongSetting("authority_file is no authority's certificate") from error
        if not basic.ca or not isinstance(key, ec.EllipticCurvePublicKey):
            raise WrongSetting("authority_file is no authority's certificate")
        self.certificate = certificate
        self.key = key
        self.thumbprint = certificate.fingerprint(SHA256())

    @classmethod
    def load(cls, path: str) -> "Authority":
        """The authority of a file.

        Raises:
            WrongSetting: there is no such file, or it holds no authority's certificate.
        """
        try:
            data = Path(path).read_bytes()
            is_pem = data.lstrip().startswith(b"-----BEGIN")
            load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
            return cls(load(data))
        except (OSError, ValueError) as error:
            raise WrongSetting(f"authority_file: {error}") from error

    def check(self, certificate: x509.Certificate) -> None:
        """Raises NotOfAuthority unless the authority issued this certificate."""
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise NotOfAuthority("issued by another authority") from error

    def check_list(self, revoked: x509.CertificateRevocationList) -> None:
        """Raises NotOfAuthority unless the authority signed this list."""
        if revoked.issuer != self.certificate.subject:
            raise NotOfAuthority("the list of another authority")
        if not revoked.is_signature_valid(self.key):
            raise NotOfAuthority("the signature of the list does not hold")
