"""The discovery document: PSC's members, names and order, values as enforced (decision 12).

A member of PSC's document that is missing here is not served here; each difference is listed in
`docs/discovery-differences.md`.
"""

from typing import Any

from idp.oauth.authorization.code_challenge import METHOD as CODE_CHALLENGE_METHOD
from idp.oauth.authorization.request_decryption import ALGORITHMS as DECRYPTION_ALGORITHMS
from idp.oauth.ciba.signed_request import ALGORITHMS as CIBA_ALGORITHMS
from idp.oauth.clients.assertion import HS256
from idp.oauth.clients.certificate_authentication import offered_methods
from idp.oauth.clients.encryption_keys import ALGORITHMS as ENCRYPTION_ALGORITHMS
from idp.oauth.clients.encryption_keys import CONTENT_ALGORITHMS
from idp.oauth.clients.methods import AUTH_METHODS, CONFIDENTIAL_METHODS
from idp.oauth.clients.registered import DELIVERY_MODES, GRANT_TYPES
from idp.oauth.clients.signatures import ALGORITHMS as REQUEST_OBJECT_ALGORITHMS
from idp.oauth.clients.signatures import ASSERTION_ALGORITHMS
from idp.oauth.rules.checks import ACR_VALUES, RESPONSE_MODES, RESPONSE_TYPES, SCOPES
from idp.oauth.rules.dpop_proof import ALGORITHMS as DPOP_ALGORITHMS
from idp.oauth.tokens.signing import ALGORITHMS as SIGNING_ALGORITHMS
from idp.psc.addresses import (
    CERTS,
    INTROSPECTION,
    LOGOUT,
    MTLS_ENDPOINTS,
    REVOCATION,
    authorization_endpoint,
    backchannel_authentication_endpoint,
    device_authorization_endpoint,
    mtls_alias,
    pushed_authorization_endpoint,
    registration_endpoint,
    token_endpoint,
    userinfo_endpoint,
)
from idp.psc.selected_activity import SELECTED_ACTIVITY
from idp.settings import Settings

CLAIMS = (
    "aud",
    "sub",
    "iss",
    "auth_time",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "acr",
)
"""PSC's ten, then what it serves without saying so."""
FURTHER_CLAIMS = (
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "address",
    SELECTED_ACTIVITY,
)


def discovery_document(settings: Settings) -> dict[str, Any]:
    """The document of both well-known addresses (OpenID Connect Discovery 1.0, RFC 8414)."""
    issuer = settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": authorization_endpoint(settings),
        "token_endpoint": token_endpoint(settings),
        "introspection_endpoint": issuer + INTROSPECTION,
        "userinfo_endpoint": userinfo_endpoint(settings),
        "end_session_endpoint": issuer + LOGOUT,
        "frontchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "jwks_uri": issuer + CERTS,
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": list(ACR_VALUES),
        "response_types_supported": list(RESPONSE_TYPES),
        "subject_types_supported": _subject_types(settings),
        "id_token_signing_alg_values_supported": SIGNING_ALGORITHMS,
        "id_token_encryption_alg_values_supported": ENCRYPTION_ALGORITHMS,
        "id_token_encryption_enc_values_supported": CONTENT_ALGORITHMS,
        "userinfo_signing_alg_values_supported": SIGNING_ALGORITHMS,
        "userinfo_encryption_alg_values_supported": ENCRYPTION_ALGORITHMS,
        "userinfo_encryption_enc_values_supported": CONTENT_ALGORITHMS,
        "request_object_signing_alg_values_supported": REQUEST_OBJECT_ALGORITHMS,
        "request_object_encryption_alg_values_supported": DECRYPTION_ALGORITHMS,
        "request_object_encryption_enc_values_supported": CONTENT_ALGORITHMS,
        "response_modes_supported": list(RESPONSE_MODES),
        "registration_endpoint": registration_endpoint(settings),
        "token_endpoint_auth_methods_supported": offered_methods(settings, AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": [*ASSERTION_ALGORITHMS, HS256],
        "introspection_endpoint_auth_methods_supported": offered_methods(
            settings, CONFIDENTIAL_METHODS
        ),
        "introspection_endpoint_auth_signing_alg_values_supported": [*ASSERTION_ALGORITHMS, HS256],
        "authorization_signing_alg_values_supported": SIGNING_ALGORITHMS,
        "authorization_encryption_alg_values_supported": ENCRYPTION_ALGORITHMS,
        "authorization_encryption_enc_values_supported": CONTENT_ALGORITHMS,
        "claims_supported": [*CLAIMS, *FURTHER_CLAIMS],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "scopes_supported": list(SCOPES),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "code_challenge_methods_supported": [CODE_CHALLENGE_METHOD],
        "revocation_endpoint": issuer + REVOCATION,
        "revocation_endpoint_auth_methods_supported": offered_methods(settings, AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": [*ASSERTION_ALGORITHMS, HS256],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "device_authorization_endpoint": device_authorization_endpoint(settings),
        **_ciba(settings),
        "require_pushed_authorization_requests": False,
        "pushed_authorization_request_endpoint": pushed_authorization_endpoint(settings),
        "authorization_response_iss_parameter_supported": True,
        "dpop_signing_alg_values_supported": DPOP_ALGORITHMS,
        **_mutual_tls(settings),
    }


def _ciba(settings: Settings) -> dict[str, Any]:
    """OpenID Connect CIBA Core 1.0, 4."""
    return {
        "backchannel_token_delivery_modes_supported": list(DELIVERY_MODES),
        "backchannel_authentication_endpoint": backchannel_authentication_endpoint(settings),
        "backchannel_authentication_request_signing_alg_values_supported": CIBA_ALGORITHMS,
        "backchannel_user_code_parameter_supported": True,
    }


def _subject_types(settings: Settings) -> list[str]:
    """A client may ask for pairwise; where that is the rule it gets nothing else."""
    return ["pairwise"] if settings.sub_format == "pairwise" else ["public", "pairwise"]


def _mutual_tls(settings: Settings) -> dict[str, Any]:
    """RFC 8705, 3.3 and 5; nothing where no certificate is asked for."""
    if not settings.mtls_base_url:
        return {}
    return {
        "tls_client_certificate_bound_access_tokens": True,
        "mtls_endpoint_aliases": {
            name: mtls_alias(settings, settings.issuer + path)
            for name, path in MTLS_ENDPOINTS.items()
        },
    }
