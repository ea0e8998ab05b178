"""Tokens and sessions (decision 8)."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class TokenSettings(BaseModel):
    """Tokens and sessions (decision 8)."""

    code_lifetime: Seconds = seconds(60, "Life of an authorization code.")
    par_lifetime: Seconds = seconds(
        60, "Life of a pushed authorization request: the browser must bring it within this."
    )
    access_token_lifetime: Seconds = seconds(120, "Life of an access token.")
    id_token_lifetime: Seconds = seconds(120, "Life of an ID token.")
    refresh_token_lifetime: Seconds = seconds(1800, "Life of a refresh token.")
    refresh_grace: Seconds = seconds(
        30, "How long the previous refresh token is honoured as an idempotent retry (decision 9)."
    )
    session_lifetime: Seconds = seconds(4 * 3600, "Longest life of a sign-in session.")
    session_idle: Seconds = seconds(1800, "A session without authorize or refresh ends after this.")
    interaction_lifetime: Seconds = seconds(1800, "How long a sign-in page stays usable.")
    page_poll_interval: Seconds = seconds(1, "Pause between two questions of the waiting page.")
    page_refresh_interval: Seconds = seconds(
        4, "Pause between two reloads of the waiting page where no script runs."
    )
    start_window: Seconds = seconds(60, "The window in which sign-in starts are counted.")
    browser_memory: Seconds = seconds(
        365 * 86400, "How long a browser is known, and remembers an identifier if asked to."
    )
    pkce_required: bool = Field(
        default=False, description="Demand PKCE of every client (public clients always need it)."
    )
    sub_format: Literal["federated", "uuid", "pairwise"] = Field(
        "federated", description="Form of `sub`: `f:<uuid>:<national id>`, uuid, or pairwise."
    )
    federation_uuid: str = Field(
        "550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd",
        description="The uuid inside a federated `sub`.",
    )
    claims_vintage: Literal["2021", "2022", "2023", "2023-12"] = Field(
        "2023-12", description="Which recorded shape of userinfo is served (decision 11)."
    )
    client_assertion_lifetime: Seconds = seconds(
        3600, "Furthest expiry accepted in a client's assertion (private_key_jwt)."
    )
    client_assertion_skew: Seconds = seconds(
        30, "Accepted difference between a client's clock and ours in its assertions."
    )
    dpop_proof_lifetime: Seconds = seconds(60, "How old a DPoP proof may be (RFC 9449, 11.1).")
    dpop_proof_skew: Seconds = seconds(
        15, "How far ahead of ours a client's clock may be in its DPoP proofs."
    )
    dpop_proof_max_length: int = Field(
        4096, ge=1024, description="Longest DPoP proof that is read, in characters."
    )
    dpop_nonce_required: bool = Field(
        default=False, description="Demand a nonce of ours in every DPoP proof (RFC 9449, 8)."
    )
    dpop_nonce_lifetime: Seconds = seconds(
        300, "How long a DPoP nonce is given out; it is accepted for as long again."
    )
    logout_token_lifetime: Seconds = Field(
        timedelta(seconds=120),
        gt=timedelta(0),
        le=timedelta(seconds=120),
        description="Life of a logout token, made anew for each try (Back-Channel Logout 1.0).",
    )
    frontchannel_logout_wait: Seconds = seconds(
        3, "How long the signed-out page waits for the services of the session before it goes on."
    )
    request_object_lifetime: Seconds = seconds(
        3600, "Furthest expiry, and oldest beginning, accepted in a signed request object."
    )
    request_object_max_length: int = Field(
        16384,
        ge=1024,
        le=65536,
        description="Longest request object, signed or encrypted, in characters.",
    )
    response_jwt_lifetime: Seconds = Field(
        timedelta(seconds=120),
        gt=timedelta(0),
        le=timedelta(seconds=600),
        description="Life of an authorization response that is a JWT (JARM, 2.1: 10 minutes at "
        "most).",
    )
    max_parameter: int = Field(
        4096, ge=512, description="Longest parameter of an authorization request, in characters."
    )
    key_overlap: Seconds = seconds(
        3600,
        "How long a new signing key is published before use, and an old one after it; the old key "
        "of tokens is published for a session's life at least.",
    )
