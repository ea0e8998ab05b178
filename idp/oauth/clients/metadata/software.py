"""What a client says of itself as software (OpenID Connect Dynamic Client Registration 1.0, 2).

`initiate_login_uri` is not among it: nothing here begins a sign-in at a client.
"""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import Listed, invalid_redirect_uri
from idp.oauth.clients.registered import AUTHORIZATION_CODE
from idp.oauth.rules.checks import ACR_VALUES
from idp.oauth.rules.redirect_uris import LOOPBACK_HOSTS

_MOST_CONTACTS = 10
_Text = Annotated[str, Field(max_length=255)]


class Software(Identity):
    """The software, whom to ask about it, and what it always wants of a sign-in."""

    application_type: Literal["web", "native"] | None = None
    """`web` comes back over https, `native` to this machine alone; unnamed, to either."""
    contacts: Annotated[list[_Text], Listed] = Field([], max_length=_MOST_CONTACTS)
    """Mail addresses of who is responsible, for the operator."""
    software_id: _Text | None = None
    software_version: _Text | None = None
    software_statement: str | None = None
    """The signed statement it was registered with, as it came (RFC 7591, 2.3)."""
    response_types: list[Literal["code"]] | None = None
    """Checked against `grant_types` (RFC 7591, 2.1), from which it follows."""
    default_max_age: Annotated[int, Field(ge=0, le=999_999_999)] | None = None
    """In seconds: holds where a request names no `max_age`."""
    require_auth_time: bool = False
    """`auth_time` stands in every ID token, so that this is kept for whoever asks."""
    default_acr_values: Annotated[list[str], Listed] = Field([])

    @model_validator(mode="after")
    def _addresses_are_of_the_type(self) -> Self:
        for uri in self.redirect_uris:
            parts = urlsplit(uri)
            is_native = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
            if self.application_type == "native" and not is_native:
                raise invalid_redirect_uri(f"{uri!r} of a native client must be http on loopback")
            if self.application_type == "web" and parts.scheme != "https" and not self.development:
                raise invalid_redirect_uri(f"{uri!r} of a web client must be https")
        return self

    @model_validator(mode="after")
    def _responses_are_of_the_grants(self) -> Self:
        by_code = AUTHORIZATION_CODE in self.grant_types
        if self.response_types is not None and ("code" in self.response_types) != by_code:
            raise ValueError("response_types and grant_types contradict each other (RFC 7591, 2.1)")
        return self

    @model_validator(mode="after")
    def _classes_are_known(self) -> Self:
        if not set(self.default_acr_values) <= set(ACR_VALUES):
            raise ValueError(f"default_acr_values must be among {', '.join(ACR_VALUES)}")
        return self
