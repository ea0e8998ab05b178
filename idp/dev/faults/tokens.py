"""Faults of the token response besides the ID token, of introspection, and of the clock."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from authlib.oidc.core.util import create_half_hash
from pydantic import Field

from idp.dev.faults.carried import (
    Claims,
    expired,
    logout_token_of,
    members_of,
    on_claims,
    require,
    with_members,
    without_member,
)
from idp.dev.faults.chosen import AgoParameters
from idp.dev.faults.endpoints import BACKCHANNEL_LOGOUT, CIBA_PUSH, INTROSPECTION, TOKEN
from idp.dev.faults.fault import Answer, DoesNotFit, Fault, Parameters
from idp.dev.faults.signed import opened, signed_again, with_broken_signature
from idp.dev.operations import Text
from idp.oauth.tokens.signing import Use
from idp.provider import Provider

_TIMES = ("exp", "iat", "nbf", "auth_time")


class MemberParameters(Parameters):
    """Which member."""

    member: Text = Field(max_length=200)
    """Its name; the fault waits for an answer that has it."""


class SkewParameters(Parameters):
    """How far off."""

    seconds: int = Field(ge=-86400, le=86400)
    """Seconds by which the provider is ahead; negative ones put it behind."""


def _with_access_token(answer: Answer, members: dict[str, Any], access_token: str) -> Answer:
    """Another access token, to which `at_hash` fits, so that nothing else is wrong."""
    changed = members | {"access_token": access_token}
    if "id_token" in members:
        was = opened(members["id_token"])
        fitting = create_half_hash(access_token, was.header["alg"]).decode()
        claims = was.claims | {"at_hash": fitting}
        changed["id_token"] = signed_again(answer.provider, was, claims)
    return with_members(answer, changed)


def _wrong_access_token(answer: Answer, _chosen: Parameters) -> Answer:
    members = members_of(answer)
    token = members[require(members, "access_token")]
    return _with_access_token(answer, members, with_broken_signature(token))


def _expired_access_token(answer: Answer, chosen: AgoParameters) -> Answer:
    members = members_of(answer)
    was = opened(members[require(members, "access_token")])
    claims = expired(answer.provider, was.claims, chosen)
    return _with_access_token(answer, members, signed_again(answer.provider, was, claims))


def _without_member(answer: Answer, chosen: MemberParameters) -> Answer:
    return without_member(answer, chosen.member)


def _wrong_type(answer: Answer, _chosen: Parameters) -> Answer:
    members = members_of(answer)
    return with_members(answer, members | {require(members, "token_type"): "mac"})


def _inactive(answer: Answer, _chosen: Parameters) -> Answer:
    if members_of(answer).get("active") is not True:
        raise DoesNotFit
    return with_members(answer, {"active": False})


def _skewed_claims(_provider: Provider, claims: Claims, chosen: SkewParameters) -> Claims:
    return claims | {name: claims[name] + chosen.seconds for name in _TIMES if name in claims}


def _skewed(answer: Answer, chosen: SkewParameters) -> Answer:
    if answer.content_type.startswith("application/x-www-form-urlencoded"):
        return on_claims(logout_token_of, _skewed_claims)(answer, chosen)
    members, provider = members_of(answer), answer.provider
    for name in ("access_token", "id_token"):
        if name not in members:
            continue
        was = opened(members[name])
        claims = _skewed_claims(provider, was.claims, chosen)
        if "at_hash" in claims:
            fitting = create_half_hash(members["access_token"], was.header["alg"])
            claims["at_hash"] = fitting.decode()
        members[name] = signed_again(provider, was, claims)
    require(members, "access_token")
    told = provider.clock.now() + timedelta(seconds=chosen.seconds)
    date = {"Date": format_datetime(told, usegmt=True)}
    return replace(with_members(answer, members), headers=date)


FAULTS = (
    Fault(
        "access_token_wrong",
        (TOKEN, CIBA_PUSH),
        "The access token does not hold: userinfo and introspection really refuse it. `at_hash` "
        "fits it.",
        "Take userinfo's 401 `invalid_token` for the end of that token: refresh once, else begin "
        "a new sign-in; not ask on and on.",
        "RFC 6750, 3.1",
        _wrong_access_token,
        alters=Use.ID_TOKEN,
    ),
    Fault(
        "access_token_expired",
        (TOKEN, CIBA_PUSH),
        "The access token is issued as one that has lapsed, by an hour unless told otherwise; "
        "`expires_in` says nothing of it, and userinfo really refuses it.",
        "As for `access_token_wrong`: `expires_in` is no promise.",
        "RFC 6749, 5.1; RFC 6750, 3.1",
        _expired_access_token,
        AgoParameters,
        alters=Use.ID_TOKEN,
    ),
    Fault(
        "token_missing_member",
        (TOKEN, CIBA_PUSH),
        "The member of that name is missing from the token response.",
        "Fail without `access_token` or `token_type`; go on without `refresh_token`, "
        "`refresh_expires_in`, `expires_in` and `scope`, which need not be there.",
        "RFC 6749, 5.1",
        _without_member,
        MemberParameters,
    ),
    Fault(
        "token_wrong_type",
        (TOKEN,),
        "`token_type` is `mac`.",
        "Not use an access token of a type that it does not know.",
        "RFC 6749, 7.1",
        _wrong_type,
    ),
    Fault(
        "introspection_inactive",
        (INTROSPECTION,),
        "An active token is said to be inactive.",
        "Refuse the request that brought the token, and keep nothing of an earlier answer.",
        "RFC 7662, 2.2 and 4",
        _inactive,
    ),
    Fault(
        "clock_skew",
        (TOKEN, CIBA_PUSH, BACKCHANNEL_LOGOUT),
        "Every time in the tokens, and the header `Date`, is off by so many seconds.",
        "Allow a skew of a minute or so in `iat`, `nbf` and `exp`, and no more; keep its own "
        "clock by NTP.",
        "OpenID Connect Core 1.0, 2 and 3.1.3.7; RFC 7519, 4.1.4 to 4.1.6",
        _skewed,
        SkewParameters,
        alters=Use.ID_TOKEN,
    ),
)
"""What can be wrong with what was issued."""
