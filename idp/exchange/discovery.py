"""The discovery document of an API's issuer (RFC 8414): what is enforced, and nothing else."""

from typing import Any

from idp.oauth.clients.assertion import HS256
from idp.oauth.clients.certificate_authentication import offered_methods
from idp.oauth.clients.methods import CONFIDENTIAL_METHODS
from idp.oauth.clients.registered import EXCHANGE_GRANT_TYPES
from idp.oauth.clients.signatures import ASSERTION_ALGORITHMS
from idp.psc.addresses import CERTS, INTROSPECTION, REVOCATION, TOKEN, mtls_alias
from idp.settings import Settings

_ENDPOINTS = {
    "token_endpoint": TOKEN,
    "introspection_endpoint": INTROSPECTION,
    "revocation_endpoint": REVOCATION,
}


def discovery_document(settings: Settings) -> dict[str, Any]:
    """The document of both well-known addresses: nobody signs in here, or gets an ID token."""
    document: dict[str, Any] = {"issuer": settings.issuer}
    for name, path in _ENDPOINTS.items():
        document |= {
            name: settings.issuer + path,
            f"{name}_auth_methods_supported": offered_methods(settings, CONFIDENTIAL_METHODS),
            f"{name}_auth_signing_alg_values_supported": [*ASSERTION_ALGORITHMS, HS256],
        }
    document |= {
        "jwks_uri": settings.issuer + CERTS,
        "response_types_supported": [],
        "grant_types_supported": list(EXCHANGE_GRANT_TYPES),
        "subject_types_supported": ["public"],
    }
    if settings.mtls_base_url:
        document["tls_client_certificate_bound_access_tokens"] = True
        document["mtls_endpoint_aliases"] = {
            name: mtls_alias(settings, settings.issuer + path) for name, path in _ENDPOINTS.items()
        }
    return document
