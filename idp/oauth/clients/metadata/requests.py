"""How a client sends its authorization requests (RFC 9101, 10.5; RFC 9126, 6)."""

from typing import Literal, Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity


class Requests(Identity):
    """Pushed and signed requests."""

    require_pushed_authorization_requests: bool = False
    """Only pushed requests are taken from it (RFC 9126, 6)."""
    require_signed_request_object: bool = False
    """Only signed requests are taken from it (RFC 9101, 10.5)."""
    request_object_signing_alg: Literal["PS256", "ES256", "RS256"] | None = None
    """The one algorithm of its signed requests; any of these where it names none."""

    @model_validator(mode="after")
    def _requests_can_be_verified(self) -> Self:
        if self.require_signed_request_object and not self.jwks:
            raise ValueError("require_signed_request_object needs jwks")
        return self
