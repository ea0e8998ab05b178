"""Client certificates for trying mutual TLS (RFC 8705), made by the simulation for its services."""

from http import HTTPStatus

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Blueprint
from werkzeug.exceptions import BadRequest, NotFound

from idp.dev.operations import Message, operation
from idp.oauth.clients.simulated_certificate import NameTooLong, issue
from idp.provider import current_provider
from idp.store.clients import find_client

bp = Blueprint("dev_client_certificates", __name__, url_prefix="/clients")


class IssuedCertificate(Message):
    """A certificate that this simulation alone believes, and its key: kept nowhere here."""

    certificate: str
    """PEM, with the chain above it."""
    private_key: str
    """PEM (PKCS #8)."""
    subject: str
    """What to register as `tls_client_auth_subject_dn`, where it authenticates the client."""


@bp.post("/<path:client_id>/certificate")
@operation(
    IssuedCertificate,
    status=HTTPStatus.CREATED,
    refusals={404: "There is no such client."},
)
def issue_client_certificate(client_id: str) -> IssuedCertificate:
    """Make a key and a certificate that names a client, as `ecps-idp client certificate` does.

    The client is left as it is: a certificate may be shown beside a secret (EXI PSC 24), or
    registered in its place.
    """
    provider = current_provider()
    with provider.store.begin() as db:
        if find_client(db, client_id) is None:
            raise NotFound(f"there is no client {client_id}")
        try:
            made = issue(provider, db, client_id)
        except NameTooLong as error:
            raise BadRequest(str(error)) from error
    chain = (made.certificate, *made.chain)
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return IssuedCertificate(
        certificate=b"".join(each.public_bytes(Encoding.PEM) for each in chain).decode(),
        private_key=key.decode(),
        subject=made.subject,
    )
