"""How a client sends its authorization requests (RFC 9101, 10.5; RFC 9126, 6)."""

from typing import Literal, Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import ContentAlgorithm


class Requests(Identity):
    """Pushed and signed requests."""

    require_pushed_authorization_requests: bool = False
    """Only pushed requests are taken from it (RFC 9126, 6)."""
    require_signed_request_object: bool = False
    """Only signed requests are taken from it (RFC 9101, 10.5)."""
    request_object_signing_alg: Literal["PS256", "ES256", "RS256"] | None = None
    """The one algorithm of its signed requests; any of these where it names none."""
    request_object_encryption_alg: Literal["RSA-OAEP-256", "ECDH-ES"] | None = None
    """How it encrypts its signed requests where it does; it may use any that is offered, and none
    (OpenID Connect Dynamic Client Registration 1.0, 2)."""
    request_object_encryption_enc: ContentAlgorithm | None = None

    @model_validator(mode="after")
    def _content_is_encrypted_with_a_key(self) -> Self:
        if self.request_object_encryption_enc and not self.request_object_encryption_alg:
            raise ValueError("request_object_encryption_enc needs request_object_encryption_alg")
        return self

    @model_validator(mode="after")
    def _requests_can_be_verified(self) -> Self:
        if self.require_signed_request_object and not self.has_keys:
            raise ValueError("require_signed_request_object needs jwks or jwks_uri")
        return self
