"""A development authority for `--tls` (decisions 4 and 30): TEST names, nothing of the State's."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from idp.keys.key_usage import key_usage

_LIFE = timedelta(days=397)
_MARGIN = timedelta(days=7)
_NAMES = ("localhost", "auth.localhost", "wallet.localhost")


@dataclass(frozen=True)
class ServerCertificate:
    """Files of one server certificate and of the authority to trust for it."""

    certificate: Path
    key: Path
    authority: Path


def server_certificate(folder: Path, *, host: str, now: datetime) -> ServerCertificate:
    """The certificate kept in the folder, made anew when it is missing, near its end, or wrong.

    The authority's private key is never kept: a new certificate comes with a new authority.
    """
    found = ServerCertificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    if not _still_good(found, host, now):
        folder.mkdir(parents=True, exist_ok=True)
        _make(found, host, now)
    return found


def _still_good(found: ServerCertificate, host: str, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(found.certificate.read_bytes())
    except (OSError, ValueError):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        found.key.exists()
        and found.authority.exists()
        and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - _MARGIN
        and _general_name(host) in names
    )


def _make(target: ServerCertificate, host: str, now: datetime) -> None:
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name("TEST AC SIMULEE SERVEURS")
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(authority_key, SHA256())
    )
    hosts = dict.fromkeys((*_NAMES, "127.0.0.1", "::1", host))
    server = (
        _builder(authority_name, _name(host), server_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in hosts]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(server_key.public_key()), critical=False
        )
        .add_extension(key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, SHA256())
    )
    target.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    target.certificate.write_bytes(server.public_bytes(Encoding.PEM))
    target.key.unlink(missing_ok=True)
    descriptor = os.open(target.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULATION"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
