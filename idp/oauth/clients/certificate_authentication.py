"""`tls_client_auth` and `self_signed_tls_client_auth` (RFC 8705, 2).

The client names itself by `client_id` and shows a certificate: one that a trusted authority issued
to the name it registered, or one that it registered itself. Why one is refused stands in the log,
for the operator; the client is told no more than that it is.
"""

import base64
from typing import Any

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import g
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, import_key

from idp.oauth.clients.certificates import check_trusted
from idp.oauth.clients.published import ask_for_keys
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.certificate_chain import CertificateRefused, check_by_itself
from idp.oauth.rules.certificate_names import MEMBERS, check_named
from idp.provider import Provider
from idp.settings import Settings
from idp.web.client_certificate import client_certificate

TLS_CLIENT_AUTH = "tls_client_auth"
SELF_SIGNED = "self_signed_tls_client_auth"
METHODS = (TLS_CLIENT_AUTH, SELF_SIGNED)


def offered_methods(settings: Settings, methods: list[str]) -> list[str]:
    """The methods that discovery may name: by certificate only where one is asked for."""
    asks = bool(settings.mtls_base_url)
    return [method for method in methods if asks or method not in METHODS]


class CertificateAuthentication:
    """Authenticates a client by the certificate of the running request."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, find_client: Any, given: Any) -> RegisteredClient | None:
        """The client that `client_id` names, if it showed its certificate."""
        client: RegisteredClient | None = find_client(given.form.get("client_id", ""))
        if client is None:
            return None
        try:
            self._check(client, _presented())
        except CertificateRefused as refused:
            structlog.get_logger(__name__).warning(
                "client certificate refused", client_id=client.client_id, reason=str(refused)
            )
            return None
        return client

    def _check(self, client: RegisteredClient, certificate: x509.Certificate) -> None:
        if client.row.auth_method == TLS_CLIENT_AUTH:
            (member,) = (name for name in MEMBERS if name in client.row.options)
            check_trusted(self._provider, g.oauth_db, certificate)
            check_named(certificate, member, client.row.options[member])
            return
        check_by_itself(certificate, self._provider.clock.now())
        if not _is_registered(certificate, (client.row.jwks or {}).get("keys", [])):
            ask_for_keys(client.row)
            raise CertificateRefused("it is not among those of the client's jwks")


def _presented() -> x509.Certificate:
    der = client_certificate()
    if der is None:
        raise CertificateRefused("none was shown")
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.issuer, certificate.subject  # names are parsed at first use
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateRefused("it cannot be read") from error
    return certificate


def _is_registered(certificate: x509.Certificate, keys: list[dict[str, Any]]) -> bool:
    """Whether a key's own certificate (`x5c`) is this one; without any, whether it is its key."""
    der = certificate.public_bytes(Encoding.DER)
    shown = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return any(
        _own_certificate(key) == der if "x5c" in key else _public_der(key) == shown for key in keys
    )


def _own_certificate(jwk: dict[str, Any]) -> bytes | None:
    try:
        return base64.b64decode(jwk["x5c"][0])
    except (ValueError, LookupError):
        return None


def _public_der(jwk: dict[str, Any]) -> bytes | None:
    try:
        found = import_key(jwk)
    except (JoseError, ValueError):
        return None
    return None if isinstance(found, OctKey) else found.as_der(private=False)
