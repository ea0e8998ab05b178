"""Telling whether one certificate is revoked (RFC 6960), by the authority that issued it.

One certificate a request, as clients ask. `producedAt` is the machine's own time; what decides,
`thisUpdate` and `nextUpdate`, follows the provider's clock.
"""

from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from idp.cards.authority import Authority
from idp.provider import Provider
from idp.store.cards import find_certificate
from idp.store.models import CardCertificate

_NONCE_BYTES = range(1, 129)
"""RFC 9654, 2.1: a nonce of another length makes the request malformed."""


def answer(provider: Provider, authority: Authority, body: bytes) -> ocsp.OCSPResponse:
    """The answer to a DER request; every one of them has an answer."""
    try:
        request = ocsp.load_der_ocsp_request(body)
        nonce = _nonce_of(request)
        serial = _serial_of(request)
        ours = _names(request, authority.certificate)
    except (ValueError, NotImplementedError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return _unsuccessful(OCSPResponseStatus.MALFORMED_REQUEST)
    if not ours:
        return _unsuccessful(OCSPResponseStatus.UNAUTHORIZED)
    with provider.store.read() as db:
        found = find_certificate(db, f"{serial:x}")
    now = provider.clock.now().replace(microsecond=0)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=request.issuer_name_hash,
        issuer_key_hash=request.issuer_key_hash,
        serial_number=serial,
        algorithm=request.hash_algorithm,
        this_update=now,
        next_update=now + provider.settings.ocsp_lifetime,
        **_status(found[0] if found else None),
    )
    if nonce is not None:
        builder = builder.add_extension(nonce, critical=False)
    return authority.sign_answer(builder)


def _status(row: CardCertificate | None) -> dict[str, Any]:
    if row is None:
        status, since, reason = OCSPCertStatus.UNKNOWN, None, None
    elif row.revoked_at is None:
        status, since, reason = OCSPCertStatus.GOOD, None, None
    else:
        status, since = OCSPCertStatus.REVOKED, row.revoked_at
        reason = x509.ReasonFlags(row.revocation_reason)
    return {"cert_status": status, "revocation_time": since, "revocation_reason": reason}


def _names(request: ocsp.OCSPRequest, issuer: x509.Certificate) -> bool:
    """Whether the request asks for a certificate of this issuer (RFC 6960, 4.1.1)."""
    point = issuer.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    name = issuer.subject.public_bytes()
    hashed = []
    for value in (name, point):
        digest = Hash(request.hash_algorithm)
        digest.update(value)
        hashed.append(digest.finalize())
    return hashed == [request.issuer_name_hash, request.issuer_key_hash]


def _nonce_of(request: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    try:
        nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value
    except x509.ExtensionNotFound:
        return None
    if len(nonce.nonce) not in _NONCE_BYTES:
        raise ValueError("a nonce of another length")
    return nonce


def _serial_of(request: ocsp.OCSPRequest) -> int:
    if request.serial_number < 0:  # of no certificate (RFC 5280, 4.1.2.2), and no answer can say it
        raise ValueError("a negative serial number")
    return request.serial_number


def _unsuccessful(status: OCSPResponseStatus) -> ocsp.OCSPResponse:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status)
