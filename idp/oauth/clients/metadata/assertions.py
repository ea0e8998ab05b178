"""How a client signs what authenticates it (OpenID Connect Core 9; RFC 7523)."""

from typing import Literal, Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.secrets import CLIENT_SECRET_JWT, SHORTEST_SIGNING_SECRET

_PRIVATE_KEY_JWT = "private_key_jwt"
_HS256 = "HS256"


class Assertions(Identity):
    """Assertions by a key of its own, or by its secret."""

    token_endpoint_auth_signing_alg: (
        Literal["PS256", "ES256", "RS256", "Ed25519", "EdDSA", "HS256"] | None
    ) = None
    """The one algorithm of its assertions; any that its method offers where it names none."""

    @model_validator(mode="after")
    def _algorithm_is_of_the_method(self) -> Self:
        alg, method = self.token_endpoint_auth_signing_alg, self.token_endpoint_auth_method
        if alg is None:
            return self
        if method not in {_PRIVATE_KEY_JWT, CLIENT_SECRET_JWT}:
            raise ValueError("token_endpoint_auth_signing_alg is for assertions alone")
        if (alg == _HS256) != (method == CLIENT_SECRET_JWT):
            raise ValueError(f"{method} does not sign with {alg}")
        return self

    @model_validator(mode="after")
    def _secret_can_sign(self) -> Self:
        signs = self.token_endpoint_auth_method == CLIENT_SECRET_JWT
        if signs and len((self.client_secret or "").encode()) < SHORTEST_SIGNING_SECRET:
            raise ValueError(
                f"client_secret_jwt needs a client_secret of {SHORTEST_SIGNING_SECRET} bytes"
            )
        return self
