"""TLS that asks for the client's certificate, and hands it to the API."""

import ssl
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler

from relying_services.api import CERTIFICATE


def tls_context(certificate: Path, key: Path, client_authority: Path) -> ssl.SSLContext:
    """A server's context; whoever shows no certificate of those authorities gets no connection."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(client_authority))
    context.load_cert_chain(str(certificate), str(key))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class CertificateHandler(WSGIRequestHandler):
    """Puts the certificate whose key the connection proved into the environ."""

    def make_environ(self) -> dict[str, Any]:
        """The environ of the request, with the certificate beside."""
        environ: dict[str, Any] = super().make_environ()
        environ[CERTIFICATE] = self.connection.getpeercert(binary_form=True)
        return environ
