"""What a client may say of itself when it registers itself, and what it is answered.

RFC 7591, 2 and 3.2.1; OpenID Connect Dynamic Client Registration 1.0, 2. Members that are not in
the list are the operator's alone: whoever holds an initial access token cannot make its client a
development one, or choose its profile. A new member is the operator's until it is listed here.
"""

from typing import Any

from authlib.oauth2.rfc7591 import InvalidClientMetadataError

from idp.oauth.clients.metadata import ClientMetadata
from idp.oauth.clients.registered import AUTHORIZATION_CODE, RegisteredClient
from idp.provider import Provider
from idp.psc.subject import is_pairwise
from idp.store.models import Client

STATEMENT = "software_statement"
OWN_MEMBERS = frozenset(
    {
        "application_type",
        "authorization_encrypted_response_alg",
        "authorization_encrypted_response_enc",
        "authorization_signed_response_alg",
        "backchannel_authentication_request_signing_alg",
        "backchannel_client_notification_endpoint",
        "backchannel_logout_session_required",
        "backchannel_logout_uri",
        "backchannel_token_delivery_mode",
        "backchannel_user_code_parameter",
        "client_name",
        "client_uri",
        "contacts",
        "default_acr_values",
        "default_max_age",
        "dpop_bound_access_tokens",
        "frontchannel_logout_session_required",
        "frontchannel_logout_uri",
        "grant_types",
        "id_token_encrypted_response_alg",
        "id_token_encrypted_response_enc",
        "id_token_signed_response_alg",
        "jwks",
        "jwks_uri",
        "logo_uri",
        "policy_uri",
        "post_logout_redirect_uris",
        "redirect_uris",
        "request_object_encryption_alg",
        "request_object_encryption_enc",
        "request_object_signing_alg",
        "request_uris",
        "require_auth_time",
        "require_pushed_authorization_requests",
        "require_signed_request_object",
        "response_types",
        "scope",
        "sector_identifier_uri",
        "software_id",
        STATEMENT,
        "software_version",
        "subject_type",
        "tls_client_auth_san_dns",
        "tls_client_auth_san_email",
        "tls_client_auth_san_ip",
        "tls_client_auth_san_uri",
        "tls_client_auth_subject_dn",
        "tls_client_certificate_bound_access_tokens",
        "token_endpoint_auth_method",
        "token_endpoint_auth_signing_alg",
        "tos_uri",
        "userinfo_encrypted_response_alg",
        "userinfo_encrypted_response_enc",
        "userinfo_signed_response_alg",
    }
)
"""Names of the registry of client metadata (RFC 7591, 4.1)."""
_GIVEN_BY_US = {"client_id", "client_secret"}
_OPERATORS_MEMBERS = ClientMetadata.model_fields.keys() - OWN_MEMBERS - _GIVEN_BY_US


def own_members(asked: dict[str, Any]) -> dict[str, Any]:
    """What a client asks that is its to ask; unknown members are ignored, null is none at all.

    Raises:
        InvalidClientMetadataError: it asks what only the operator may set.
    """
    refused = sorted(_OPERATORS_MEMBERS & asked.keys())
    if refused:
        raise InvalidClientMetadataError(f"{', '.join(refused)}: for the operator alone to set.")
    return {
        name: value for name, value in asked.items() if name in OWN_MEMBERS and value is not None
    }


def registered_members(client: Client) -> dict[str, Any]:
    """Every member that is registered of a client, the operator's too; never its secret."""
    members = {
        "client_id": client.client_id,
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "post_logout_redirect_uris": client.post_logout_redirect_uris,
        "token_endpoint_auth_method": client.auth_method,
        "jwks": client.jwks,
        "scope": client.scope,
        "profile": client.profile,
        "means": client.means,
        "development": client.development,
    }
    if "jwks_uri" in client.options:  # the set is only what was fetched there
        del members["jwks"]
    return members | client.options


def effective_members(provider: Provider, client: Client) -> dict[str, Any]:
    """What holds of the client's own members, defaults among them (RFC 7591, 3.2.1)."""
    fields = ClientMetadata.model_fields
    members: dict[str, Any] = {
        name: field.get_default(call_default_factory=True) for name, field in fields.items()
    }
    members |= registered_members(client)
    by_code = RegisteredClient(client).check_grant_type(AUTHORIZATION_CODE)
    members["response_types"] = ["code"] if by_code else []
    members["subject_type"] = "pairwise" if is_pairwise(provider, client) else "public"
    return {
        name: members[name]
        for name in fields
        if name in OWN_MEMBERS and members[name] not in (None, "", [])
    }
