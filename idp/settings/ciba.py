"""Requests without a browser (OpenID Connect CIBA Core 1.0; decisions 8 and 29)."""

from datetime import timedelta

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class CibaSettings(BaseModel):
    """Requests without a browser (OpenID Connect CIBA Core 1.0)."""

    ciba_lifetime: Seconds = seconds(
        120, "Life of an `auth_req_id` and of its question, where the client asks for no other."
    )
    ciba_longest_lifetime: Seconds = Field(
        timedelta(seconds=600),
        gt=timedelta(0),
        description="Longest life that a client gets by `requested_expiry`.",
    )
    ciba_interval: int = Field(
        5, ge=1, description="Seconds between two questions of a `strict` or `fapi` client."
    )
    ciba_psc_interval: int = Field(
        1, ge=1, description="Seconds between two questions of a `psc` client (decision 29)."
    )
    ciba_poll_tolerance: Seconds = seconds(
        0.5, "How much too early a `psc` client may ask and still be answered (decision 29)."
    )
    ciba_message_length: int = Field(
        60, ge=2, description="Longest `binding_message`, in characters."
    )
    ciba_hint_age: Seconds = seconds(
        30 * 86400, "How old an ID token may be that a client hints at a person with."
    )
    ciba_hint_token_lifetime: Seconds = seconds(
        3600, "Furthest expiry accepted in a `login_hint_token`."
    )
    ciba_window: Seconds = seconds(60, "The window in which CIBA requests are counted.")
    ciba_requests_per_client: int = Field(
        600, ge=1, description="CIBA requests of one client per window; more are refused."
    )
    ciba_pushes_per_person: int = Field(
        5,
        ge=1,
        description="CIBA requests of one client about one person per window that are pushed to "
        "the phone; further ones wait there unpushed (decision 24).",
    )
    ciba_user_code_length: int = Field(
        6, ge=4, description="Shortest `user_code` that a person may have, in characters."
    )
    ciba_user_code_window: Seconds = seconds(
        3600, "The window in which wrong `user_code`s are counted."
    )
    ciba_user_codes_per_person: int = Field(
        5,
        ge=1,
        description="Wrong `user_code`s of one client about one person per window; this client "
        "may then not ask about them.",
    )
    ciba_user_codes_per_client: int = Field(
        100,
        ge=1,
        description="Wrong `user_code`s of one client per window, whomever they are about.",
    )
