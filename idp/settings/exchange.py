"""Tokens towards APIs, at an issuer of their own (decision 35)."""

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from idp.settings.durations import Seconds, seconds


class TrustedIssuer(BaseModel):
    """An issuer whose access tokens are exchanged, and for whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    """Its issuer identifier: the `iss` of its tokens."""
    client_id: str
    """This issuer as a client there, which may ask about sessions (`session_introspection`)."""
    client_secret: SecretStr
    clients: dict[str, list[str]]
    """`azp` of its tokens → the clients here that may exchange them."""
    jwks_uri: str = ""
    """Its keys; below the issuer at the usual path where none is named."""
    introspection_endpoint: str = ""
    """Where it tells of tokens; below the issuer at the usual path where none is named."""


class ProtectedApi(BaseModel):
    """An API that takes this issuer's tokens; its name is their `aud`, and its own client's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clients: list[str]
    """The clients that may get tokens for it."""
    resources: list[str] = []
    """Its addresses, by which a request may name it (RFC 8707)."""


class ExchangeSettings(BaseModel):
    """Tokens towards APIs, at an issuer of their own (decision 35)."""

    trusted_issuers: dict[str, TrustedIssuer] = Field(
        default_factory=dict,
        description="Issuers whose tokens are exchanged, by `subject_issuer`: with one, these are "
        "the settings of an API's authorization server, and nobody signs in at it "
        "(docs/token-exchange.md).",
    )
    apis: dict[str, ProtectedApi] = Field(
        default_factory=dict,
        description="The APIs that exchanged tokens are for: `aud` → its clients and resources.",
    )
    api_token_lifetime: Seconds = seconds(4 * 3600, "Life of an access token for an API.")
    api_certificate_required: bool = Field(
        default=True,
        description="Exchange and refresh only with a client certificate, and bind tokens to it.",
    )
    subject_check_interval: Seconds = seconds(
        1800, "Pause between two questions to the trusted issuer whether its session still lives."
    )
    subject_check_limit: Seconds = seconds(
        3600, "Tokens end when the trusted issuer has not vouched for its session for so long."
    )
    subject_check_retry: Seconds = seconds(
        60, "Pause before a trusted issuer that did not answer is asked again."
    )
    subject_check_pace: Seconds = seconds(
        1, "Pause between two looks for sessions to ask about: a new one is asked about at once."
    )
    subject_skew: Seconds = seconds(
        15, "How far ahead of ours the clock of a trusted issuer may be."
    )
    trusted_keys_interval: Seconds = seconds(
        300, "Pause between two readings of a trusted issuer's keys: shorter than its overlap."
    )
    trusted_keys_pace: Seconds = seconds(
        2, "Pause between two looks for keys to read: the first are wanted soon after the start."
    )
    trusted_keys_limit: Seconds = Field(
        timedelta(days=1),
        description="Keys read longer ago than this verify nothing any more.",
    )

    @model_validator(mode="after")
    def _issuers_are_asked_in_time(self) -> Self:
        if self.subject_check_limit <= self.subject_check_interval:
            raise ValueError("subject_check_limit must exceed subject_check_interval")
        return self
