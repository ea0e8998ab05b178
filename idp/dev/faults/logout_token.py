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
from idp.dev.faults.fault import Change, Fault, Parameters
from idp.dev.faults.signed import unsigned, with_broken_signature
from idp.provider import Provider

_REFUSE = "Answer 400 and end no session."


def _with_nonce(_provider: Provider, claims: Claims, _chosen: Any) -> Claims:
    return claims | {"nonce": "a-nonce"}


def _fault(
    name: str,
    does: str,
    source: str,
    change: Change,
    *,
    parameters: type[Parameters] = Parameters,
) -> Fault:
    return Fault(
        f"logout_token_{name}",
        (BACKCHANNEL_LOGOUT,),
        does,
        _REFUSE,
        f"OpenID Connect Back-Channel Logout 1.0, {source}",
        change,
        parameters,
    )


FAULTS = (
    _fault(
        "wrong_iss",
        "`iss` is `https://issuer.invalid`.",
        "2.6 (3)",
        on_claims(logout_token_of, replaced("iss", "https://issuer.invalid")),
    ),
    _fault(
        "wrong_aud",
        "`aud` is `another-service`.",
        "2.6 (3)",
        on_claims(logout_token_of, replaced("aud", "another-service")),
    ),
    _fault(
        "expired",
        "`exp` lies in the past, by an hour unless told otherwise; `iat` accordingly.",
        "2.6 (3)",
        on_claims(logout_token_of, expired),
        parameters=AgoParameters,
    ),
    _fault(
        "names_nobody",
        "There is neither `sub` nor `sid`.",
        "2.6 (4)",
        on_claims(logout_token_of, removed("sub", "sid")),
    ),
    _fault(
        "missing_events",
        "There is no `events`: it might be an ID token.",
        "2.6 (5)",
        on_claims(logout_token_of, removed("events")),
    ),
    _fault(
        "with_nonce",
        "There is a `nonce`, which no logout token has.",
        "2.6 (6)",
        on_claims(logout_token_of, _with_nonce),
    ),
    _fault(
        "bad_signature",
        "One bit of the signature is flipped.",
        "2.6 (2)",
        on_token(logout_token_of, lambda _provider, token, _was: with_broken_signature(token)),
    ),
    _fault(
        "unsigned",
        "`alg` is `none`, and there is no signature.",
        "2.6 (2)",
        on_token(logout_token_of, lambda _provider, _token, was: unsigned(was)),
    ),
)
"""What can be wrong with the order to end a session."""
