"""What the authority of the cards publishes, as a program reads it (docs/cards.md 2)."""

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from flask.testing import FlaskClient


def the_list(browser: FlaskClient) -> x509.CertificateRevocationList:
    response = browser.get("/pki/persons.crl")
    assert (response.status_code, response.mimetype) == (200, "application/pkix-crl")
    return x509.load_der_x509_crl(response.data)


def number_of(crl: x509.CertificateRevocationList) -> int:
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def question(
    certificate: x509.Certificate, issuer: x509.Certificate, nonce: bytes | None = None
) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, SHA256())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def ask(browser: FlaskClient, body: bytes) -> ocsp.OCSPResponse:
    response = browser.post("/pki/ocsp", data=body, content_type="application/ocsp-request")
    assert (response.status_code, response.mimetype) == (200, "application/ocsp-response")
    return ocsp.load_der_ocsp_response(response.data)
