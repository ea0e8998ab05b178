"""How a client begins sign-ins without a browser (OpenID Connect CIBA Core 1.0, 4)."""

from typing import Literal, Self

from pydantic import model_validator

from idp.oauth.clients.metadata.mutual_tls import MutualTls
from idp.oauth.clients.metadata.possession import Possession
from idp.oauth.clients.metadata.values import check_called_uri
from idp.oauth.clients.registered import CIBA
from idp.oauth.rules.client_profiles import CLIENT_PROFILES


class Ciba(MutualTls, Possession):
    """Requests without a browser."""

    backchannel_token_delivery_mode: Literal["poll", "ping", "push"] = "poll"  # noqa: S105 - a mode
    """How it gets its tokens: it asks, it is told to ask, or it is sent them."""
    backchannel_client_notification_endpoint: str | None = None
    """Where it is told, in ping and push."""
    backchannel_authentication_request_signing_alg: Literal["PS256", "ES256"] | None = None
    """The algorithm of its requests, which then are all signed; it signs none without one."""
    backchannel_user_code_parameter: bool = False
    """Whether each of its requests holds the `user_code` of the person it is about."""

    @model_validator(mode="after")
    def _ciba_fits(self) -> Self:
        is_public = self.token_endpoint_auth_method == "none"  # noqa: S105 - the name of a method
        if CIBA in self.grant_types and is_public:
            raise ValueError(f"{CIBA} needs a client that authenticates")
        return self

    @model_validator(mode="after")
    def _requests_are_signed_as_they_must(self) -> Self:
        algorithm = self.backchannel_authentication_request_signing_alg
        if algorithm and not self.has_keys:
            raise ValueError(
                "backchannel_authentication_request_signing_alg needs jwks or jwks_uri"
            )
        must_sign = CLIENT_PROFILES[self.profile].signed_ciba_requests
        if CIBA in self.grant_types and must_sign and not algorithm:
            raise ValueError(f"{self.profile} needs backchannel_authentication_request_signing_alg")
        return self

    @model_validator(mode="after")
    def _notifications_arrive(self) -> Self:
        endpoint = self.backchannel_client_notification_endpoint
        if endpoint is not None:
            check_called_uri(endpoint, development=self.development)
        elif self.backchannel_token_delivery_mode in {"ping", "push"}:
            raise ValueError(
                f"{self.backchannel_token_delivery_mode} needs "
                "backchannel_client_notification_endpoint"
            )
        return self

    @model_validator(mode="after")
    def _sent_tokens_are_bound_to_nothing(self) -> Self:
        """Who is sent its tokens proves no key (decision 29)."""
        is_push = self.backchannel_token_delivery_mode == "push"  # noqa: S105 - a mode
        bound = self.dpop_bound_access_tokens or self.tls_client_certificate_bound_access_tokens
        if is_push and (bound or not CLIENT_PROFILES[self.profile].pushed_tokens):
            raise ValueError("push is not for clients whose tokens are bound to a key")
        return self
