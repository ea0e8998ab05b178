"""A registered client as Authlib sees one (RFC 6749, 2; RFC 7591 metadata)."""

import hmac
import re
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.rules.client_profiles import CLIENT_PROFILES, ClientProfile
from idp.oauth.rules.redirect_uris import is_registered
from idp.store.clients import find_client
from idp.store.models import Client

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant
CIBA = "urn:openid:params:grant-type:ciba"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - a grant
USUAL_GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN)
"""Those of a client that registered none (RFC 7591, 2 has the first alone as default)."""
GRANT_TYPES = (*USUAL_GRANT_TYPES, CIBA, DEVICE_CODE)
"""All that are offered by a provider."""
EXCHANGE_GRANT_TYPES = (TOKEN_EXCHANGE, REFRESH_TOKEN)
"""All that an API's issuer offers (decision 35)."""
REQUIRE_SIGNED_REQUESTS = "require_signed_request_object"
REQUEST_SIGNING_ALG = "request_object_signing_alg"
REQUIRE_PUSHED_REQUESTS = "require_pushed_authorization_requests"
DPOP_BOUND_ACCESS_TOKENS = "dpop_bound_access_tokens"
DPOP_NONCE_REQUIRED = "dpop_nonce_required"
ASSERTION_SIGNING_ALG = "token_endpoint_auth_signing_alg"
CERTIFICATE_BOUND_ACCESS_TOKENS = "tls_client_certificate_bound_access_tokens"
RESOURCES = "resources"
FRONTCHANNEL_LOGOUT_URI = "frontchannel_logout_uri"
SESSION_INTROSPECTION = "session_introspection"
BACKCHANNEL_DELIVERY_MODE = "backchannel_token_delivery_mode"
BACKCHANNEL_NOTIFICATION_ENDPOINT = "backchannel_client_notification_endpoint"
DELIVERY_MODES = ("poll", "ping", "push")
"""How CIBA clients get their tokens (CIBA Core 5)."""
BACKCHANNEL_SIGNING_ALG = "backchannel_authentication_request_signing_alg"
BACKCHANNEL_USER_CODE = "backchannel_user_code_parameter"
_CLIENT_ID = re.compile(r"[\x21-\x7e]{1,200}")
"""What registration accepts. Other texts, NUL among them, are never looked up: a database may
refuse them with an error of its own."""


class RegisteredClient(ClientMixin):
    """Adapts a stored client to Authlib's questions."""

    def __init__(self, row: Client) -> None:
        self.row = row

    @property
    def client_id(self) -> str:
        """The client identifier."""
        return self.row.client_id

    @property
    def is_public(self) -> bool:
        """Whether the client has no credential of its own."""
        return self.row.auth_method == "none"

    @property
    def profile(self) -> ClientProfile:
        """What the client's profile demands of it."""
        return CLIENT_PROFILES[self.row.profile]

    @property
    def requires_pushed_requests(self) -> bool:
        """Whether its requests are always pushed: by its own word (RFC 9126, 6), or its profile."""
        registered = bool(self.row.options.get(REQUIRE_PUSHED_REQUESTS))
        return registered or self.profile.pushed_requests_only

    @property
    def requires_dpop(self) -> bool:
        """Whether it gets no tokens but bound ones (RFC 9449, 5.2)."""
        return bool(self.row.options.get(DPOP_BOUND_ACCESS_TOKENS))

    @property
    def requires_dpop_nonce(self) -> bool:
        """Whether its proofs must hold a nonce of ours (RFC 9449, 8)."""
        return bool(self.row.options.get(DPOP_NONCE_REQUIRED))

    @property
    def assertion_signing_alg(self) -> str | None:
        """The one algorithm of its assertions, where it registered one."""
        return self.row.options.get(ASSERTION_SIGNING_ALG)

    @property
    def requires_certificate(self) -> bool:
        """Whether it gets no tokens but those bound to its certificate (RFC 8705, 3)."""
        return bool(self.row.options.get(CERTIFICATE_BOUND_ACCESS_TOKENS))

    @property
    def requires_signed_requests(self) -> bool:
        """Whether it registered that it signs what it asks (RFC 9101, 10.5)."""
        return bool(self.row.options.get(REQUIRE_SIGNED_REQUESTS))

    @property
    def request_object_signing_alg(self) -> str | None:
        """The one algorithm it signs its requests with, where it registered one."""
        return self.row.options.get(REQUEST_SIGNING_ALG)

    @property
    def may_ask_about_sessions(self) -> bool:
        """Whether introspection tells it of the session of an access token that lapsed."""
        return bool(self.row.options.get(SESSION_INTROSPECTION))

    @property
    def resources(self) -> list[str]:
        """The APIs that it may name as `resource` (RFC 8707), beside this provider."""
        registered: list[str] = self.row.options.get(RESOURCES, [])
        return registered

    @property
    def backchannel_token_delivery_mode(self) -> str:
        """`poll`, `ping` or `push` (CIBA Core 4)."""
        return str(self.row.options.get(BACKCHANNEL_DELIVERY_MODE, "poll"))

    @property
    def backchannel_client_notification_endpoint(self) -> str | None:
        """Where it is pinged, or sent its tokens (CIBA Core 4)."""
        return self.row.options.get(BACKCHANNEL_NOTIFICATION_ENDPOINT)

    @property
    def is_notified(self) -> bool:
        """Whether it is called when a request of its has ended: ping and push."""
        return self.backchannel_token_delivery_mode in {"ping", "push"}

    @property
    def backchannel_authentication_request_signing_alg(self) -> str | None:
        """The algorithm of its CIBA requests, which are signed where it registered one."""
        return self.row.options.get(BACKCHANNEL_SIGNING_ALG)

    @property
    def requires_user_code(self) -> bool:
        """Whether its CIBA requests hold the code of the person asked (CIBA Core 4)."""
        return bool(self.row.options.get(BACKCHANNEL_USER_CODE))

    @property
    def default_max_age(self) -> int | None:
        """How old a sign-in may be where a request does not say, in seconds (Registration 1.0)."""
        return self.row.options.get("default_max_age")

    def get_client_id(self) -> str:
        """The client identifier."""
        return self.row.client_id

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of a scope the client is registered for, in the order asked."""
        allowed = self.row.scope.split()
        return " ".join(s for s in (scope or "").split() if s in allowed)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether the person may be sent there (RFC 8252, 7.3 for loopback ports)."""
        return is_registered(redirect_uri, self.row.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare by digest, in constant time."""
        kept = self.row.secret_hash
        return kept is not None and hmac.compare_digest(kept, sha256(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """A client uses the method it registered, at every endpoint."""
        del endpoint
        if self.profile.secret_either_way and self.row.auth_method in SECRET_METHODS:
            return method in SECRET_METHODS
        return self.row.auth_method == method

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use the grant."""
        return grant_type in self.row.options.get("grant_types", USUAL_GRANT_TYPES)

    def check_response_type(self, response_type: str) -> bool:
        """The code flow is the only one."""
        return response_type == "code"

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Further registered metadata, which Authlib's endpoints look at."""
        return self.row.options


def active_client(db: Session, client_id: str | None) -> RegisteredClient | None:
    """The client of that identifier, unless it is disabled."""
    row = find_client(db, client_id) if client_id and _CLIENT_ID.fullmatch(client_id) else None
    return None if row is None or row.disabled_at is not None else RegisteredClient(row)
