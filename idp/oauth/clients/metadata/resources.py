"""The APIs that a client calls with its access tokens (RFC 8707)."""

from typing import Annotated

from pydantic import Field, field_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import Listed
from idp.oauth.rules.resource_indicators import is_resource


class Resources(Identity):
    """Where its access tokens may be for."""

    resources: Annotated[list[str], Listed] = Field([])
    """What it may name as `resource`, beside this provider itself."""

    @field_validator("resources")
    @classmethod
    def _they_are_resources(cls, resources: list[str]) -> list[str]:
        for uri in resources:
            if not is_resource(uri):
                raise ValueError(f"{uri!r} is not an absolute URI without a fragment (RFC 8707, 2)")
        return resources
