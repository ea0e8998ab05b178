"""The client's certificate: demanded at the exchange, and named in what is issued (RFC 8705, 3)."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from idp.exchange.rules.errors import TokenRefused
from idp.exchange.trust import TrustedToken
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.certificate_thumbprint import CONFIRMATION, names_certificate
from idp.provider import Provider
from idp.web.client_certificate import client_certificate


class CertificateMissing(InvalidRequestError):
    """Tokens for APIs are bound to the client's certificate, and none was shown."""

    description = "A client certificate is needed here (RFC 8705)."


def certificate_of_request(provider: Provider, client: RegisteredClient) -> bytes | None:
    """DER of the certificate whose key this connection proved.

    Raises:
        CertificateMissing: there is none where the settings, or the client's own registration,
            demand one.
    """
    shown = client_certificate()
    demanded = provider.settings.api_certificate_required or client.requires_certificate
    if shown is None and demanded:
        raise CertificateMissing
    return shown


def check_possession(token: TrustedToken, certificate: bytes | None) -> None:
    """Exchange a bound token for none but who holds its key.

    Raises:
        TokenRefused: it is bound to another certificate, or to a key of another kind.
    """
    bound: Any = token.claims.get("cnf")
    if bound is None:
        return
    if not isinstance(bound, dict) or set(bound) != {CONFIRMATION}:
        raise TokenRefused("The token is bound to a key that cannot be proved here.")
    named = bound[CONFIRMATION]
    if certificate is None or not isinstance(named, str):
        raise TokenRefused("The token is bound to a certificate.")
    if not names_certificate(named, certificate):
        raise TokenRefused("The token is bound to another certificate.")
