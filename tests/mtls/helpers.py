"""An operator's authorities, and relying services that show certificates of theirs."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA224, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from idp.keys.key_usage import key_usage
from idp.web.client_certificate import KEY
from tests.oauth.helpers import PROTOCOL, Service

SUBJECT = "CN=logiciel.exemple.test,OU=318751275100020,O=EXEMPLE,ST=Sarthe (72),C=FR"
ALIAS = "https://mtls.exemple.test"
DAY = timedelta(days=1)
TLS_CLIENT_AUTH = {"token_endpoint_auth_method": "tls_client_auth"}
CLIENT_AUTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
SERVER_AUTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Certificate and key, as TLS clients take them."""
        certificate, key = folder / "client.pem", folder / "client.key"
        certificate.write_bytes(self.pem)
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, key


AUTHORITY_USAGE = key_usage("key_cert_sign", "crl_sign")


def make(
    subject: str = SUBJECT,
    by: Made | None = None,
    *,
    starts: timedelta = -DAY,
    ends: timedelta = 365 * DAY,
    extensions: tuple[x509.ExtensionType, ...] = (CLIENT_AUTH, key_usage("digital_signature")),
    critical: tuple[x509.ExtensionType, ...] = (),
    key: Key | None = None,
    digest: SHA224 | SHA256 | None = None,
    name: x509.Name | None = None,
) -> Made:
    """Issue a certificate, or one that signs itself where nobody issues it."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    named = name or x509.Name.from_rfc4514_string(subject)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(by.certificate.subject if by else named)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + starts)
        .not_valid_after(now + ends)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    for extension in critical:
        builder = builder.add_extension(extension, critical=True)
    return Made(builder.sign(by.key if by else own, digest or SHA256()), own)


def make_authority(
    name: str, by: Made | None = None, *, path_length: int | None = None, **changes: Any
) -> Made:
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    given: dict[str, Any] = {"extensions": (constraints, AUTHORITY_USAGE)}
    return make(f"CN={name},O=EXEMPLE", by, **(given | changes))


def make_list(
    by: Made,
    *revoked: Made,
    starts: timedelta = -DAY,
    ends: timedelta = DAY,
    critical: tuple[x509.ExtensionType, ...] = (),
) -> x509.CertificateRevocationList:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(now + starts)
        .next_update(now + ends)
    )
    for each in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(each.certificate.serial_number)
            .revocation_date(now - DAY)
            .build()
        )
    for extension in critical:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(by.key, SHA256())


class Pki:
    """What an operator trusts: a root, and below it the authority of services."""

    def __init__(self, folder: Path) -> None:
        self.root = make_authority("Racine", path_length=1)
        self.authority = make_authority("Organisations", self.root, path_length=0)
        self.trusted = folder / "authorities.pem"
        self.trust(self.authority, self.root)

    def trust(self, *authorities: Made) -> None:
        self.trusted.write_bytes(b"".join(each.pem for each in authorities))

    def issue(self, subject: str = SUBJECT, **changes: Any) -> Made:
        return make(subject, self.authority, **changes)


def jwk_of(made: Made, *, with_certificate: bool = True) -> dict[str, Any]:
    public = made.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk: dict[str, Any] = dict(ECKey.import_key(public).as_dict())
    return jwk | ({"x5c": [base64.b64encode(made.der).decode()]} if with_certificate else {})


def settings_of(pki: Pki) -> dict[str, Any]:
    """What an operator sets; failures are not limited here, for tests fail often."""
    return {
        "client_certificate_authorities": [str(pki.trusted)],
        "mtls_base_url": ALIAS,
        "token_requests_per_address": 0,
    }


def ask(service: Service, shown: Made | bytes | None, **form: str) -> Any:
    """Introspect a token, with a certificate shown or none."""
    return post(service, "token/introspect", {"token": "t"} | form, shown)


def why_not(service: Service, shown: Made | bytes | None) -> str:
    """The reason of a refusal: in the operator's log, and nowhere in the answer."""
    with capture_logs() as logs:
        answer = ask(service, shown)
    told = {"error": "invalid_client", "error_description": "Client authentication failed."}
    assert (answer.status_code, answer.json) == (401, told)
    (reason,) = [each["reason"] for each in logs if each["event"] == "client certificate refused"]
    return str(reason)


def post(service: Service, path: str, form: dict[str, Any], shown: Made | bytes | None) -> Any:
    given = {"client_id": service.client_id} | form
    return service.http.post(f"{PROTOCOL}/{path}", data=given, environ_overrides=environ_of(shown))


def environ_of(shown: Made | bytes | None) -> dict[str, Any]:
    """What the listener tells the application of a connection."""
    return {KEY: shown.der if isinstance(shown, Made) else shown or b""}
