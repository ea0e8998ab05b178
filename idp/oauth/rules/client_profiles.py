"""What a client's profile demands: data that rules read (design, section 6)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientProfile:
    """The differences between profiles, one member each."""

    pkce_required: bool
    """Whether a confidential client needs PKCE too (decision 10)."""
    refresh_retry: bool
    """Whether a refresh token just replaced is honoured as a retry (decision 9)."""
    rotated_refresh_tokens: bool
    """Whether a refresh token is replaced at each use; else the same one serves on, bound to its
    sender (decision 9)."""
    secret_either_way: bool
    """Whether a secret may come in the header or in the body, whichever was registered: Pro
    Santé Connect keeps no record of which (pro-sante-connect 6.1)."""
    auth_methods: tuple[str, ...] | None
    """The methods by which it may prove who it is; any, where there are none."""
    assertion_algorithms: tuple[str, ...]
    """Algorithms by which it may sign assertions and requests with a key of its own."""
    assertions_for_issuer_alone: bool
    """Whether `aud` of its assertions is the issuer, as a text (FAPI 2.0, 5.3.2.1)."""
    pushed_requests_only: bool
    """Whether its authorization requests are always pushed (FAPI 2.0, 5.3.2.2)."""
    sender_constrained_tokens: bool
    """Whether its tokens are always bound to a key (FAPI 2.0, 5.3.2.1)."""
    quick_polling: bool
    """Whether a CIBA client may ask at Pro Santé Connect's pace (decision 29)."""
    signed_ciba_requests: bool
    """Whether its CIBA requests are always signed (FAPI-CIBA 5.2.2)."""
    binding_message_required: bool
    """Whether its CIBA requests name what ties the two screens together (FAPI-CIBA 5.2.2)."""
    pushed_tokens: bool
    """Whether its tokens may be sent to it, bound to no key (decision 29)."""
    signing_algorithms: tuple[str, ...]
    """Algorithms that may sign what it is issued. The first signs where it registered none, and
    its access tokens."""


_ANY_ALGORITHM = ("RS256", "PS256", "ES256")
_FAPI_ALGORITHMS = ("PS256", "ES256")
_EDDSA = ("Ed25519", "EdDSA")

CLIENT_PROFILES = {
    "psc": ClientProfile(
        pkce_required=False,
        refresh_retry=True,
        rotated_refresh_tokens=True,
        secret_either_way=True,
        auth_methods=None,
        assertion_algorithms=(*_ANY_ALGORITHM, *_EDDSA),
        assertions_for_issuer_alone=False,
        pushed_requests_only=False,
        sender_constrained_tokens=False,
        quick_polling=True,
        signed_ciba_requests=False,
        binding_message_required=False,
        pushed_tokens=True,
        signing_algorithms=_ANY_ALGORITHM,
    ),
    "strict": ClientProfile(
        pkce_required=True,
        refresh_retry=False,
        rotated_refresh_tokens=True,
        secret_either_way=False,
        auth_methods=None,
        assertion_algorithms=(*_ANY_ALGORITHM, *_EDDSA),
        assertions_for_issuer_alone=False,
        pushed_requests_only=False,
        sender_constrained_tokens=False,
        quick_polling=False,
        signed_ciba_requests=False,
        binding_message_required=False,
        pushed_tokens=True,
        signing_algorithms=_ANY_ALGORITHM,
    ),
    "fapi": ClientProfile(
        pkce_required=True,
        refresh_retry=False,
        rotated_refresh_tokens=False,
        secret_either_way=False,
        auth_methods=("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"),
        assertion_algorithms=(*_FAPI_ALGORITHMS, *_EDDSA),
        assertions_for_issuer_alone=True,
        pushed_requests_only=True,
        sender_constrained_tokens=True,
        quick_polling=False,
        signed_ciba_requests=True,
        binding_message_required=True,
        pushed_tokens=False,
        signing_algorithms=_FAPI_ALGORITHMS,
    ),
}
"""`psc` is as Pro Santé Connect, `strict` as OAuth 2.1 advises, `fapi` as the FAPI 2.0 Security
Profile and FAPI-CIBA demand."""
