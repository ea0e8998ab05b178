"""Who a client is, and how it proves it (OpenID Connect Dynamic Client Registration 1.0, 2)."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from idp.oauth.clients.metadata.values import (
    Listed,
    check_public_keys,
    check_redirect_uri,
    invalid_redirect_uri,
)
from idp.oauth.clients.methods import AuthMethod
from idp.oauth.clients.registered import (
    AUTHORIZATION_CODE,
    EXCHANGE_GRANT_TYPES,
    GRANT_TYPES,
    USUAL_GRANT_TYPES,
)

ALL_SCOPES = "openid profile email address phone scope_all"
_CLIENT_ID = r"^[\x21-\x7e]{1,200}$"  # VSCHAR of RFC 6749, A.1, without the space


class Identity(BaseModel):
    """The client itself, its credential and its addresses in the browser."""

    model_config = ConfigDict(frozen=True)

    client_id: str = Field(pattern=_CLIENT_ID)
    client_name: str = Field("", max_length=200)
    client_secret: str | None = None
    redirect_uris: Annotated[list[str], Listed] = []
    post_logout_redirect_uris: Annotated[list[str], Listed] = []
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"  # noqa: S105 - the name of a method
    grant_types: list[str] = list(USUAL_GRANT_TYPES)
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    """Where it publishes its keys instead: fetched, and then kept as its `jwks` (decision 40)."""
    scope: str = ALL_SCOPES
    profile: Literal["psc", "strict", "fapi"] = "psc"
    development: bool = False

    @field_validator("grant_types")
    @classmethod
    def _grants_are_offered(cls, grant_types: list[str]) -> list[str]:
        known = dict.fromkeys((*GRANT_TYPES, *EXCHANGE_GRANT_TYPES))
        if not set(grant_types) <= set(known):
            raise ValueError(f"must be among {', '.join(known)}")
        return grant_types

    @model_validator(mode="after")
    def _credential_fits(self) -> Self:
        method = self.token_endpoint_auth_method
        if method.startswith("client_secret") and not self.client_secret:
            raise ValueError(f"{method} needs a client_secret")
        if not method.startswith("client_secret") and self.client_secret:
            raise ValueError(f"{method} has no client_secret")
        if method == "private_key_jwt" and not self.has_keys:
            raise ValueError("private_key_jwt needs jwks or jwks_uri")
        if self.jwks is not None and self.jwks_uri is not None:
            raise ValueError("jwks and jwks_uri exclude each other")
        if self.jwks is not None:
            check_public_keys(self.jwks)
        return self

    @model_validator(mode="after")
    def _addresses_fit(self) -> Self:
        if AUTHORIZATION_CODE in self.grant_types and not self.redirect_uris:
            raise invalid_redirect_uri("redirect_uris: authorization_code needs at least one")
        for uri in (*self.redirect_uris, *self.post_logout_redirect_uris):
            check_redirect_uri(uri, development=self.development)
        return self

    @property
    def has_keys(self) -> bool:
        """Whether it has keys, here or where it publishes them."""
        return self.jwks is not None or self.jwks_uri is not None
