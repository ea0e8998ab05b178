"""Security keys and passkeys (WebAuthn), of people and of operators."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class SecurityKeySettings(BaseModel):
    """Security keys and passkeys (WebAuthn), of people and of operators."""

    security_keys_offered: bool = Field(
        default=True,
        description="Offer security keys: register them on the portal, sign in with them "
        "(`WEBAUTHN`).",
    )
    security_key_rp_id: str = Field(
        "",
        description="Domain that people's security keys are bound to, for good: a change makes "
        "them useless. The host name of `wallet_base_url`, or a domain above it. Default: that "
        "host name.",
    )
    security_key_timeout: Seconds = seconds(
        120, "How long a browser is asked to wait for a security key."
    )
    security_key_ceremony_lifetime: Seconds = seconds(
        300, "How long the answer of a security key is waited for."
    )
    security_key_vouching_age: Seconds = seconds(
        600,
        "A security key is registered within this time after a card or a phone signed in.",
    )
    max_security_keys: int = Field(
        10, ge=1, description="Most security keys of one person or operator."
    )
    security_key_name_length: int = Field(
        60, ge=1, description="Longest name that its holder may give a security key."
    )
