"""Whether a certificate names the client that registered (RFC 8705, 2.1.2). Pure.

Names are compared parsed, never as text (RFC 4514, RFC 4518): letter case, runs of blanks and the
order within a multi-valued part do not count; the order of the parts does.
"""

import re
import unicodedata
from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import NameOID

from idp.oauth.rules.certificate_chain import CertificateRefused

SUBJECT_DN = "tls_client_auth_subject_dn"
SAN_DNS = "tls_client_auth_san_dns"
SAN_URI = "tls_client_auth_san_uri"
SAN_IP = "tls_client_auth_san_ip"
SAN_EMAIL = "tls_client_auth_san_email"
MEMBERS = (SUBJECT_DN, SAN_DNS, SAN_URI, SAN_IP, SAN_EMAIL)
"""Of which a client registers exactly one."""

_FURTHER_NAMES = {
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "organizationIdentifier": NameOID.ORGANIZATION_IDENTIFIER,
    "title": NameOID.TITLE,
    "SN": NameOID.SURNAME,
    "GN": NameOID.GIVEN_NAME,
}
"""As common tools print them, beside the nine of RFC 4514, 3 and the dotted form."""
_HOW_TO_WRITE = (
    "is no name as RFC 4514 writes it: CN=...,O=...,C=FR, in this order and without blanks"
)
_BLANKS = re.compile(r"\s+")
_HOST = re.compile(r"(?i)([a-z0-9_]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def check_registrable(member: str, value: str) -> None:
    """Refuse a name that no certificate could be compared with.

    Raises:
        ValueError: it cannot be read; the message says what was expected.
    """
    if member == SUBJECT_DN:
        _check_subject(value)
    if member == SAN_IP:
        ip_address(value)
    if member == SAN_DNS and not _HOST.fullmatch(value):
        raise ValueError("is no host name; a name with * is not taken")
    if member == SAN_URI and ":" not in value:
        raise ValueError("is no URI")
    if member == SAN_EMAIL and "@" not in value:
        raise ValueError("is no address")


def check_named(certificate: x509.Certificate, member: str, registered: str) -> None:
    """Demand that the certificate names what was registered.

    Raises:
        CertificateRefused: it names somebody else.
    """
    if member == SUBJECT_DN:
        if _subject(certificate.subject) != _subject(_parsed(registered)):
            shown = certificate.subject.rfc4514_string()
            raise CertificateRefused(f"its subject is {shown}, not {registered}")
        return
    names = _alternative_names(certificate)
    if names is None or not _stands_among(names, member, registered):
        raise CertificateRefused(f"{registered} is not among its alternative names")


def _check_subject(value: str) -> None:
    try:
        named = _parsed(value)
    except ValueError as error:
        raise ValueError(_HOW_TO_WRITE) from error
    if not named.rdns:
        raise ValueError(_HOW_TO_WRITE)


def _parsed(value: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(value, _FURTHER_NAMES)


def _stands_among(names: x509.SubjectAlternativeName, member: str, registered: str) -> bool:
    if member == SAN_DNS:
        dns = names.get_values_for_type(x509.DNSName)
        return registered.lower() in {name.lower() for name in dns}
    if member == SAN_URI:
        return registered in names.get_values_for_type(x509.UniformResourceIdentifier)
    if member == SAN_IP:
        return ip_address(registered) in names.get_values_for_type(x509.IPAddress)
    mailboxes = names.get_values_for_type(x509.RFC822Name)
    return _mailbox(registered) in {_mailbox(name) for name in mailboxes}


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return None
    return extension.value


def _subject(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    return [
        frozenset((each.oid.dotted_string, _prepared(each.value)) for each in part)
        for part in name.rdns
    ]


def _prepared(value: str | bytes) -> str:
    """As `caseIgnoreMatch` compares (RFC 4518, 2)."""
    text = value.hex() if isinstance(value, bytes) else value
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def _mailbox(address: str) -> str:
    """Only the part after the @ knows no letter case (RFC 5280, 7.5)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"
