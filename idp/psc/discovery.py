"""The discovery document: PSC's members, names and order, values as enforced (decision 12).

A member of PSC's document that is missing here is not served here; each difference is listed in
`docs/discovery-differences.md`.
"""

from typing import Any

from idp.oauth.authorization.code_challenge import METHOD as CODE_CHALLENGE_METHOD
from idp.oauth.clients.registered import GRANT_TYPES
from idp.oauth.clients.signatures import ALGORITHMS as ASSERTION_ALGORITHMS
from idp.oauth.clients.signatures import ALGORITHMS as REQUEST_OBJECT_ALGORITHMS
from idp.oauth.grants.authorization_code import AUTH_METHODS
from idp.oauth.rules.checks import ACR_VALUES, RESPONSE_MODES, RESPONSE_TYPES, SCOPES
from idp.oauth.rules.dpop_proof import ALGORITHMS as DPOP_ALGORITHMS
from idp.oauth.tokens.id_token import ALGORITHMS as ID_TOKEN_ALGORITHMS
from idp.oauth.tokens.introspection import Introspection
from idp.psc.addresses import (
    CERTS,
    INTROSPECTION,
    LOGOUT,
    REVOCATION,
    authorization_endpoint,
    pushed_authorization_endpoint,
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
        "jwks_uri": issuer + CERTS,
        "grant_types_supported": list(GRANT_TYPES),
        "acr_values_supported": list(ACR_VALUES),
        "response_types_supported": list(RESPONSE_TYPES),
        "subject_types_supported": ["pairwise" if settings.sub_format == "pairwise" else "public"],
        "id_token_signing_alg_values_supported": ID_TOKEN_ALGORITHMS,
        "request_object_signing_alg_values_supported": REQUEST_OBJECT_ALGORITHMS,
        "response_modes_supported": list(RESPONSE_MODES),
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": Introspection.CLIENT_AUTH_METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "claims_supported": [*CLAIMS, *FURTHER_CLAIMS],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": True,
        "scopes_supported": list(SCOPES),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "code_challenge_methods_supported": [CODE_CHALLENGE_METHOD],
        "revocation_endpoint": issuer + REVOCATION,
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "require_pushed_authorization_requests": False,
        "pushed_authorization_request_endpoint": pushed_authorization_endpoint(settings),
        "authorization_response_iss_parameter_supported": True,
        "dpop_signing_alg_values_supported": DPOP_ALGORITHMS,
    }
