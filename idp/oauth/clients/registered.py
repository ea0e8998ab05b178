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
USUAL_GRANT_TYPES = (AUTHORIZATION_CODE, REFRESH_TOKEN)
"""Those of a client that registered none (RFC 7591, 2 has the first alone as default)."""
GRANT_TYPES = USUAL_GRANT_TYPES
"""All that are offered."""
REQUIRE_SIGNED_REQUESTS = "require_signed_request_object"
REQUEST_SIGNING_ALG = "request_object_signing_alg"
REQUIRE_PUSHED_REQUESTS = "require_pushed_authorization_requests"
DPOP_BOUND_ACCESS_TOKENS = "dpop_bound_access_tokens"
DPOP_NONCE_REQUIRED = "dpop_nonce_required"
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
        """Whether it registered that its requests are pushed (RFC 9126, 6)."""
        return bool(self.row.options.get(REQUIRE_PUSHED_REQUESTS))

    @property
    def requires_dpop(self) -> bool:
        """Whether it gets no tokens but bound ones (RFC 9449, 5.2)."""
        return bool(self.row.options.get(DPOP_BOUND_ACCESS_TOKENS))

    @property
    def requires_dpop_nonce(self) -> bool:
        """Whether its proofs must hold a nonce of ours (RFC 9449, 8)."""
        return bool(self.row.options.get(DPOP_NONCE_REQUIRED))

    @property
    def requires_signed_requests(self) -> bool:
        """Whether it registered that it signs what it asks (RFC 9101, 10.5)."""
        return bool(self.row.options.get(REQUIRE_SIGNED_REQUESTS))

    @property
    def request_object_signing_alg(self) -> str | None:
        """The one algorithm it signs its requests with, where it registered one."""
        return self.row.options.get(REQUEST_SIGNING_ALG)

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
