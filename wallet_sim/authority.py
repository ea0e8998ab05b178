"""A development authority for `--tls` of a phone's screen (decisions 2, 4 and 30): TEST names.

It is a simulator's own, beside the phone's home, so that a real phone's browser can be told to
trust it and nothing else with it.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=90)
_MARGIN = timedelta(days=7)
_AHEAD = timedelta(minutes=5)  # a browser's clock may run behind
_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)

PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class ServerCertificate:
    """Files of one server certificate, and of the authority to trust for it."""

    certificate: Path
    key: Path
    authority: Path


def server_certificate(folder: Path, names: Sequence[str], *, now: int) -> ServerCertificate:
    """The certificate kept in the folder; made anew where it is missing, near its end, or wrong.

    The authority's private key is never kept: a new certificate comes with a new authority.

    Args:
        folder: where its files lie, for the owner alone.
        names: host names and IP addresses that it is for, the first its subject.
        now: the present instant, a NumericDate.
    """
    found = ServerCertificate(folder / "server.pem", folder / "server.key", folder / "ca.pem")
    instant = datetime.fromtimestamp(now, UTC)
    if not _still_good(found, names, instant):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(found, names, instant)
    return found


def _still_good(found: ServerCertificate, names: Sequence[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(found.certificate.read_bytes())
    except (OSError, ValueError):
        return False
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        found.key.exists()
        and found.authority.exists()
        and certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - _MARGIN
        and all(_general_name(name) in known for name in names)
    )


def _make(target: ServerCertificate, names: Sequence[str], now: datetime) -> None:
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _authority(authority_key, now)
    server = _server(server_key, authority, authority_key, names, now)
    target.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    target.certificate.write_bytes(server.public_bytes(Encoding.PEM))
    target.key.unlink(missing_ok=True)
    descriptor = os.open(target.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _authority(key: PrivateKey, now: datetime) -> x509.Certificate:
    name = _name("TEST AC SIMULEE ECRAN")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(_key_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(key, SHA256())
    )


def _server(
    key: PrivateKey,
    authority: x509.Certificate,
    authority_key: PrivateKey,
    names: Sequence[str],
    now: datetime,
) -> x509.Certificate:
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    of_authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    of_server = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(authority.subject, _name(names[0]), key, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(alternatives, critical=False)
        .add_extension(of_authority, critical=False)
        .add_extension(of_server, critical=False)
        .add_extension(_key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, SHA256())
    )


def _builder(
    issuer: x509.Name, subject: x509.Name, key: PrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _AHEAD)
        .not_valid_after(now + _LIFE)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULATION"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _key_usage(*uses: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in uses for use in _USES})


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
