"""Faults of what is posted to a service: the logout token (Back-Channel Logout 1.0, 2.6)."""

from typing import Any

from idp.dev.faults.carried import (
    Claims,
    expired,
    logout_token_of,
    on_claims,
    on_token,
    removed,
    replaced,
)
from idp.dev.faults.chosen import AgoParameters
from idp.dev.faults.endpoints import BACKCHANNEL_LOGOUT
from idp.dev.faults.fault import Family
from idp.dev.faults.signed import unsigned, with_broken_signature
from idp.provider import Provider

_REFUSE = "Answer 400 and end no session."
_LOGOUT = "OpenID Connect Back-Channel Logout 1.0"


def _with_nonce(_provider: Provider, claims: Claims, _chosen: Any) -> Claims:
    return claims | {"nonce": "a-nonce"}


_fault = Family("logout_token", (BACKCHANNEL_LOGOUT,)).fault

FAULTS = (
    _fault(
        "wrong_iss",
        "`iss` is `https://issuer.invalid`.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (3)",
        on_claims(logout_token_of, replaced("iss", "https://issuer.invalid")),
    ),
    _fault(
        "wrong_aud",
        "`aud` is `another-service`.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (3)",
        on_claims(logout_token_of, replaced("aud", "another-service")),
    ),
    _fault(
        "expired",
        "`exp` lies in the past, by an hour unless told otherwise; `iat` accordingly.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (3)",
        on_claims(logout_token_of, expired),
        parameters=AgoParameters,
    ),
    _fault(
        "names_nobody",
        "There is neither `sub` nor `sid`.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (4)",
        on_claims(logout_token_of, removed("sub", "sid")),
    ),
    _fault(
        "missing_events",
        "There is no `events`: it might be an ID token.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (5)",
        on_claims(logout_token_of, removed("events")),
    ),
    _fault(
        "with_nonce",
        "There is a `nonce`, which no logout token has.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (6)",
        on_claims(logout_token_of, _with_nonce),
    ),
    _fault(
        "bad_signature",
        "One bit of the signature is flipped.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (2)",
        on_token(logout_token_of, lambda _provider, token, _was: with_broken_signature(token)),
    ),
    _fault(
        "unsigned",
        "`alg` is `none`, and there is no signature.",
        _REFUSE,
        f"{_LOGOUT}, 2.6 (2)",
        on_token(logout_token_of, lambda _provider, _token, was: unsigned(was)),
    ),
)
"""What can be wrong with the order to end a session."""
