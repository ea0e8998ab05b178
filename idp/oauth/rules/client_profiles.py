"""What a client's profile demands: data that rules read (design, section 6)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientProfile:
    """The differences between profiles, one member each."""

    pkce_required: bool
    """Whether a confidential client needs PKCE too (decision 10)."""
    refresh_retry: bool
    """Whether a refresh token just replaced is honoured as a retry (decision 9)."""
    secret_either_way: bool
    """Whether a secret may come in the header or in the body, whichever was registered: Pro
    Santé Connect keeps no record of which (pro-sante-connect 6.1)."""


CLIENT_PROFILES = {
    "psc": ClientProfile(pkce_required=False, refresh_retry=True, secret_either_way=True),
    "strict": ClientProfile(pkce_required=True, refresh_retry=False, secret_either_way=False),
}
