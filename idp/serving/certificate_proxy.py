"""A client's certificate from the reverse proxy that ended TLS (docs/cards.md 4, attack 39).

The header is taken out of every request before anything reads it; it is believed only from an
address of `certificate_proxies`, and where `certificate_proxy_secret` stands before the
certificate. One value holds both: a server writes `X-SSL-Client-Cert` and a client's
`X_SSL_Client_Cert` under one name and keeps either, so that a secret beside it would vouch for
what the proxy never sent. See docs/nginx-certificates.conf.
"""

import hmac
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.settings import Settings
from idp.web.client_certificate import KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_CERTIFICATE = "HTTP_X_SSL_CLIENT_CERT"
_UNREADABLE = b"unreadable"
"""Stands for a header that holds no certificate, so that it is refused as such."""


class CertificateProxy:
    """Hands a trusted proxy's certificate on, and lets nobody else's header through.

    It stands outside whatever rewrites the client's address: the proxy's own is what counts.
    """

    def __init__(self, app: "WSGIApplication", settings: Settings) -> None:
        self._app = app
        self._secret = settings.certificate_proxy_secret.get_secret_value()
        self._networks = [ip_network(text) for text in settings.certificate_proxies]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve one request."""
        secret, _, certificate = environ.pop(_CERTIFICATE, "").partition(" ")
        # Where the embedded listener ended TLS itself, it knows and no header does.
        if KEY not in environ and self._is_trusted(environ.get("REMOTE_ADDR", ""), secret):
            environ[KEY] = _decode(certificate)
        return self._app(environ, start_response)

    def _is_trusted(self, address: str, secret: str) -> bool:
        known = bool(self._secret) and hmac.compare_digest(secret.encode(), self._secret.encode())
        return known and self._is_proxy(address)

    def _is_proxy(self, address: str) -> bool:
        try:
            here = ip_address(address)
        except ValueError:
            return False
        return any(here in network for network in self._networks)


def _decode(certificate: str) -> bytes:
    if not certificate:
        return b""
    try:
        read = x509.load_pem_x509_certificate(unquote(certificate).encode())
    except (ValueError, x509.InvalidVersion):
        return _UNREADABLE
    return read.public_bytes(Encoding.DER)
