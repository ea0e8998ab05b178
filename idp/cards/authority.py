"""The simulated authorities that sign cards, and certificates of relying services (decision 30).

docs/cards.md 2, docs/protocols.md 2.

Its private keys are sealed; nothing of it exists in a real database.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509 import ocsp
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from idp.cards import names
from idp.devices.proofs import encode_base64url
from idp.keys.key_usage import key_usage
from idp.provider import Provider
from idp.store import pki
from idp.store.models import CardAuthority

SEAL = "card-authority"
_LIFE = timedelta(days=110 * 365)
"""Longer than the clock of a simulation can be moved."""
_BEFORE = timedelta(days=10 * 365)
"""Cards of the sample people were issued years before their authority is made."""
_ALGORITHM = "ES256"


class AuthorityRefused(Exception):
    """A real database has no simulated authority (decision 1)."""


@dataclass(frozen=True)
class Authority:
    """One that issues certificates, and the root above it."""

    certificate: x509.Certificate
    root: x509.Certificate
    crl_number: int
    """How often its list changed."""
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def chain(self) -> tuple[x509.Certificate, x509.Certificate]:
        """What stands above a card's certificate, nearest first."""
        return self.certificate, self.root

    def sign_certificate(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        """Issue: the issuer's name and key identifier are added."""
        return (
            builder.issuer_name(self.certificate.subject)
            .add_extension(_identifier_of(self.certificate), critical=False)
            .sign(self._key, SHA256())
        )

    def sign_list(
        self, builder: x509.CertificateRevocationListBuilder
    ) -> x509.CertificateRevocationList:
        """A list of revoked certificates, with the issuer's name and key identifier."""
        return (
            builder.issuer_name(self.certificate.subject)
            .add_extension(_identifier_of(self.certificate), critical=False)
            .sign(self._key, SHA256())
        )

    def sign_answer(self, builder: ocsp.OCSPResponseBuilder) -> ocsp.OCSPResponse:
        """An OCSP answer, in the authority's own name (RFC 6960, 4.2.2.2)."""
        return builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate).sign(
            self._key, SHA256()
        )

    def sign_jws(self, typ: str, payload: dict[str, Any]) -> str:
        """A compact JWS that names the authority's certificate (RFC 7515, 4.1.8)."""
        thumbprint = hashlib.sha256(self.certificate.public_bytes(Encoding.DER)).digest()
        header = {"alg": _ALGORITHM, "typ": typ, "x5t#S256": encode_base64url(thumbprint)}
        data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        key = ECKey.import_key(
            self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return jws.serialize_compact(header, data, key, [_ALGORITHM])


def persons_authority(provider: Provider, db: Session) -> Authority:
    """The authority of the cards, made together with its root at first need.

    Args:
        provider: of a simulation.
        db: an open writing session; made in a reading one, it would not stay.

    Raises:
        AuthorityRefused: the database is real.
    """
    found = find_authority(provider, db)
    if found is not None:
        return found
    for row in _make(provider):
        pki.add_authority(db, row)
    # Another process may have made them meanwhile: its own are the ones that stand.
    made = find_authority(provider, db)
    if made is None:
        raise LookupError(pki.PERSONS)
    return made


def standing_authority(provider: Provider) -> Authority:
    """The authority, without holding up writers where it was made already."""
    with provider.store.read() as db:
        found = find_authority(provider, db)
    if found is not None:
        return found
    with provider.store.begin() as db:
        return persons_authority(provider, db)


def find_authority(provider: Provider, db: Session) -> Authority | None:
    """The authority, unless nobody needed it yet.

    Raises:
        AuthorityRefused: the database is real.
        SealBroken: its key was sealed under another master key.
    """
    if not provider.is_simulation:
        raise AuthorityRefused("a real database has no simulated authority")
    rows = pki.find_authorities(db)
    return _authority(provider, rows, pki.PERSONS) if rows else None


def organisations_authority(provider: Provider, db: Session) -> Authority:
    """The authority of relying services, under the root of the cards, made at first need.

    Args:
        provider: of a simulation.
        db: an open writing session.

    Raises:
        AuthorityRefused: the database is real.
    """
    persons_authority(provider, db)  # the root is made with it
    rows = pki.find_authorities(db)
    if pki.ORGANISATIONS not in rows:
        root = x509.load_der_x509_certificate(rows[pki.ROOT].certificate)
        made = _below(provider, names.ORGANISATIONS, root, _private_key(provider, rows[pki.ROOT]))
        pki.add_authority(db, _row(provider, pki.ORGANISATIONS, *made))
        rows = pki.find_authorities(db)
    return _authority(provider, rows, pki.ORGANISATIONS)


def organisations_chain(provider: Provider, db: Session) -> tuple[x509.Certificate, ...]:
    """The certificates of that authority and its root; none where nobody needed them yet."""
    rows = pki.find_authorities(db) if provider.is_simulation else {}
    if pki.ORGANISATIONS not in rows:
        return ()
    return tuple(
        x509.load_der_x509_certificate(rows[name].certificate)
        for name in (pki.ORGANISATIONS, pki.ROOT)
    )


def _authority(provider: Provider, rows: dict[str, CardAuthority], name: str) -> Authority:
    return Authority(
        x509.load_der_x509_certificate(rows[name].certificate),
        x509.load_der_x509_certificate(rows[pki.ROOT].certificate),
        rows[name].crl_number,
        _private_key(provider, rows[name]),
    )


def _private_key(provider: Provider, row: CardAuthority) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(provider.sealer.open(row.private_sealed, purpose=SEAL), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(row.name)
    return key


def _make(provider: Provider) -> list[CardAuthority]:
    """The root, and the authority of the cards below it."""
    now, key = provider.clock.now(), ec.generate_private_key(ec.SECP256R1())
    root = (
        _builder(names.ROOT, key.public_key(), now, path_length=1)
        .issuer_name(names.ROOT)
        .sign(key, SHA256())
    )
    persons = _below(provider, names.PERSONS, root, key)
    return [_row(provider, pki.ROOT, root, key), _row(provider, pki.PERSONS, *persons)]


def _below(
    provider: Provider,
    subject: x509.Name,
    root: x509.Certificate,
    root_key: ec.EllipticCurvePrivateKey,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(subject, key.public_key(), provider.clock.now(), path_length=0)
        .issuer_name(root.subject)
        .add_extension(_identifier_of(root), critical=False)
        .sign(root_key, SHA256())
    )
    return certificate, key


def _row(
    provider: Provider, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> CardAuthority:
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return CardAuthority(
        name=name,
        certificate=certificate.public_bytes(Encoding.DER),
        private_sealed=provider.sealer.seal(private, purpose=SEAL),
        created_at=provider.clock.now(),
    )


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, *, path_length: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(
            # It signs OCSP answers and the contents of cards besides.
            key_usage("digital_signature", "key_cert_sign", "crl_sign"),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _identifier_of(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
