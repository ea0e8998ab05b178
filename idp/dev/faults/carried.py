"""Where a JWT or a set of members stands in an answer, and how another is put in its place."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlencode

from idp.dev.faults.chosen import AgoParameters
from idp.dev.faults.fault import Answer, Change, DoesNotFit
from idp.dev.faults.signed import Opened, opened, signed_again
from idp.provider import Provider

Claims = dict[str, Any]
ChangeClaims = Callable[[Provider, Claims, Any], Claims]


@dataclass(frozen=True)
class Carried:
    """A JWT in an answer."""

    token: str
    put: Callable[[str], Answer]
    """The answer with another in its place."""


Find = Callable[[Answer], Carried]


def members_of(answer: Answer) -> dict[str, Any]:
    """The members of a successful answer in JSON.

    Raises:
        DoesNotFit: it is none.
    """
    if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
        raise DoesNotFit
    try:
        members = json.loads(answer.body)
    except ValueError as error:
        raise DoesNotFit from error
    if not isinstance(members, dict):
        raise DoesNotFit
    return members


def with_members(answer: Answer, members: dict[str, Any]) -> Answer:
    """The answer with these members."""
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
    return replace(answer, body=text.encode())


def without_member(answer: Answer, name: str) -> Answer:
    """The answer without a member.

    Raises:
        DoesNotFit: it has no such member.
    """
    members = members_of(answer)
    require(members, name)
    return with_members(answer, {key: value for key, value in members.items() if key != name})


def id_token_of(answer: Answer) -> Carried:
    """The ID token of a token response, or of tokens sent to the service.

    Raises:
        DoesNotFit: there is none.
    """
    members = members_of(answer)
    if not isinstance(members.get("id_token"), str):
        raise DoesNotFit
    return Carried(
        members["id_token"], lambda token: with_members(answer, members | {"id_token": token})
    )


def logout_token_of(answer: Answer) -> Carried:
    """The logout token that is posted to a service (Back-Channel Logout 1.0, 2.5).

    Raises:
        DoesNotFit: there is none.
    """
    tokens = parse_qs(answer.body.decode()).get("logout_token")
    if not tokens:
        raise DoesNotFit
    return Carried(
        tokens[0],
        lambda token: replace(answer, body=urlencode({"logout_token": token}).encode()),
    )


def on_claims(find: Find, change: ChangeClaims) -> Change:
    """A fault of the claims of a JWT, whose signature holds."""

    def changed(answer: Answer, chosen: Any) -> Answer:
        carried = find(answer)
        was = opened(carried.token)
        claims = change(answer.provider, was.claims, chosen)
        return carried.put(signed_again(answer.provider, was, claims))

    return changed


def on_token(find: Find, change: Callable[[Provider, str, Opened], str]) -> Change:
    """A fault of the header or the signature of a JWT, whose claims are right."""

    def changed(answer: Answer, _chosen: Any) -> Answer:
        carried = find(answer)
        return carried.put(change(answer.provider, carried.token, opened(carried.token)))

    return changed


def replaced(name: str, value: Any) -> ChangeClaims:
    """Another value of a claim, which must be there."""
    return lambda _provider, claims, _chosen: claims | {require(claims, name): value}


def removed(*names: str) -> ChangeClaims:
    """Without claims, of which one at least must be there."""

    def without(_provider: Provider, claims: Claims, _chosen: Any) -> Claims:
        if not set(names) & claims.keys():
            raise DoesNotFit
        return {name: value for name, value in claims.items() if name not in names}

    return without


def expired(provider: Provider, claims: Claims, chosen: AgoParameters) -> Claims:
    """As of a JWT that lapsed so many seconds ago; `iat` accordingly."""
    end = provider.clock.timestamp() - chosen.seconds
    life = claims["exp"] - claims["iat"]
    return claims | {"exp": end, "iat": end - life}


def require(claims: Claims, name: str) -> str:
    """The name of a claim that is there.

    Raises:
        DoesNotFit: it is not.
    """
    if name not in claims:
        raise DoesNotFit
    return name
