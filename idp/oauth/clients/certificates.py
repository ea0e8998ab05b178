"""Whose certificates authenticate relying services (RFC 8705, 2.1): the operator's files.

A file is read again when it changed: lists of revoked certificates are replaced while we run. In a
simulation its own authority of services is believed besides (decision 30).
"""

from functools import lru_cache
from pathlib import Path

import structlog
from cryptography import x509
from sqlalchemy.orm import Session

from idp.cards.authority import organisations_chain
from idp.oauth.rules.certificate_chain import CertificateRefused, Trust, check_chain
from idp.provider import Provider, ProviderNotReady
from idp.settings import Settings

_PEM = b"-----BEGIN"


def check_trust_files(settings: Settings) -> None:
    """Read every file once, so that a mistake shows at start.

    Raises:
        ProviderNotReady: one cannot be read; the message names it.
    """
    files = {
        "client_certificate_authorities": (settings.client_certificate_authorities, _certificates),
        "client_certificate_crls": (settings.client_certificate_crls, _lists),
    }
    for name, (paths, read) in files.items():
        for path in paths:
            try:
                read(path, _changed(path))
            except (OSError, ValueError) as error:
                raise ProviderNotReady(f"{name}: {path}: {error}") from error


def check_trusted(provider: Provider, db: Session, certificate: x509.Certificate) -> None:
    """Judge a service's certificate by the operator's authorities, or the simulation's own.

    Raises:
        CertificateRefused: neither has reason to believe it; the first that knows it says why.
    """
    now = provider.clock.now()
    simulated = organisations_chain(provider, db)
    if any(authority.subject == certificate.issuer for authority in simulated):
        check_chain(certificate, Trust(simulated, lists=None), now)
        return
    check_chain(certificate, _operators_trust(provider.settings), now)


def _operators_trust(settings: Settings) -> Trust:
    """What the files say now.

    Raises:
        CertificateRefused: one of them cannot be read any more: nobody is believed.
    """
    try:
        authorities = tuple(
            certificate
            for path in settings.client_certificate_authorities
            for certificate in _certificates(path, _changed(path))
        )
        lists = tuple(
            each
            for path in settings.client_certificate_crls
            for each in _lists(path, _changed(path))
        )
    except (OSError, ValueError) as error:
        structlog.get_logger(__name__).error("trust file unreadable", error=str(error))
        raise CertificateRefused("a file of authorities or lists cannot be read") from error
    return Trust(authorities, lists if settings.client_certificate_crls else None)


def _changed(path: str) -> int:
    return Path(path).stat().st_mtime_ns


@lru_cache(maxsize=64)
def _certificates(path: str, changed: int) -> tuple[x509.Certificate, ...]:
    del changed
    return tuple(x509.load_pem_x509_certificates(Path(path).read_bytes()))


@lru_cache(maxsize=64)
def _lists(path: str, changed: int) -> tuple[x509.CertificateRevocationList, ...]:
    """The one list of a DER file, or all of a PEM file."""
    del changed
    content = Path(path).read_bytes()
    if _PEM not in content:
        return (x509.load_der_x509_crl(content),)
    begin, end = b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----"
    blocks = [each.partition(end)[0] for each in content.split(begin)[1:]]
    if not blocks:
        raise ValueError("it holds no revocation list")
    return tuple(x509.load_pem_x509_crl(begin + block + end + b"\n") for block in blocks)
