"""What a profile demands of the registration itself: the rest is demanded of each request."""

from typing import Self

from pydantic import model_validator

from idp.oauth.clients.metadata.assertions import Assertions
from idp.oauth.clients.metadata.mutual_tls import MutualTls
from idp.oauth.clients.metadata.possession import Possession
from idp.oauth.clients.metadata.requests import Requests
from idp.oauth.rules.client_profiles import CLIENT_PROFILES

_SIGNED_BY_CLIENT = ("token_endpoint_auth_signing_alg", "request_object_signing_alg")


class Profile(Assertions, MutualTls, Possession, Requests):
    """The client's profile (`rules/client_profiles.py`)."""

    @model_validator(mode="after")
    def _method_is_of_the_profile(self) -> Self:
        permitted = CLIENT_PROFILES[self.profile].auth_methods
        if permitted is not None and self.token_endpoint_auth_method not in permitted:
            raise ValueError(f"{self.profile} authenticates by {', '.join(permitted)}")
        return self

    @model_validator(mode="after")
    def _tokens_are_bound(self) -> Self:
        bound = self.dpop_bound_access_tokens or self.tls_client_certificate_bound_access_tokens
        if CLIENT_PROFILES[self.profile].sender_constrained_tokens and not bound:
            raise ValueError(
                f"{self.profile} needs dpop_bound_access_tokens or "
                "tls_client_certificate_bound_access_tokens"
            )
        return self

    @model_validator(mode="after")
    def _algorithms_are_of_the_profile(self) -> Self:
        if self.client_secret:  # which signs with HS256, where the profile lets it
            return self
        permitted = CLIENT_PROFILES[self.profile].assertion_algorithms
        for name in _SIGNED_BY_CLIENT:
            alg = getattr(self, name)
            if alg is not None and alg not in permitted:
                raise ValueError(f"{name}: {self.profile} has {', '.join(permitted)}")
        return self
