"""Faults of userinfo, plain or signed (OpenID Connect Core 1.0, 5.3)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import Field

from idp.dev.faults.carried import Claims, members_of, with_members
from idp.dev.faults.endpoints import USERINFO
from idp.dev.faults.fault import Answer, Change, DoesNotFit, Fault, Parameters
from idp.dev.faults.signed import opened, signed_again
from idp.dev.operations import Text
from idp.oauth.tokens.signing import Use

_SIGNED = "application/jwt"
_EMPTY: dict[type, Any] = {str: "", list: [], dict: {}}


class PathParameters(Parameters):
    """Which member."""

    path: Text = Field(max_length=300)
    """Its name; below others with dots, by number in a list: `SubjectRefPro.exercices.0`."""


def _on_userinfo(change: Callable[[Claims, Any], Claims]) -> Change:
    def changed(answer: Answer, chosen: Any) -> Answer:
        if not answer.content_type.startswith(_SIGNED):
            return with_members(answer, change(members_of(answer), chosen))
        was = opened(answer.body.decode())
        token = signed_again(answer.provider, was, change(was.claims, chosen))
        return replace(answer, body=token.encode())

    return changed


def _wrong_sub(claims: Claims, _chosen: Parameters) -> Claims:
    return claims | {"sub": "somebody-else"}


def _without(claims: Claims, chosen: PathParameters) -> Claims:
    holder, key = _place(claims, chosen.path)
    del holder[key]
    return claims


def _emptied(claims: Claims, chosen: PathParameters) -> Claims:
    holder, key = _place(claims, chosen.path)
    holder[key] = _EMPTY.get(type(holder[key]))
    return claims


def _place(claims: Claims, path: str) -> tuple[Any, Any]:
    """The object or list that holds the member, and its name or number there.

    Raises:
        DoesNotFit: there is no such member.
    """
    holder: Any = None
    key: Any = None
    value: Any = claims
    for part in path.split("."):
        holder = value
        is_number = isinstance(holder, list) and part.isdecimal() and len(part) < len("1000")
        key = int(part) if is_number else part
        try:
            value = holder[key]
        except (KeyError, IndexError, TypeError) as error:
            raise DoesNotFit from error
    return holder, key


FAULTS = (
    Fault(
        "userinfo_wrong_sub",
        (USERINFO,),
        "`sub` is not that of the ID token.",
        "Use nothing of the answer, for it is about somebody else.",
        "OpenID Connect Core 1.0, 5.3.2",
        _on_userinfo(_wrong_sub),
        alters=Use.USERINFO,
    ),
    Fault(
        "userinfo_missing_claim",
        (USERINFO,),
        "The member of that name or path is missing.",
        "Do without: show less, or tell the person which right or activity is missing; never fail "
        "with a trace, nor take over what an earlier sign-in said.",
        "OpenID Connect Core 1.0, 5.3.2",
        _on_userinfo(_without),
        PathParameters,
        alters=Use.USERINFO,
    ),
    Fault(
        "userinfo_empty_member",
        (USERINFO,),
        'The member of that name or path is empty: `""`, `[]`, `{}` or `null`, by its kind.',
        "Be ready for it: a practitioner without a running activity has no `exercices`, and many "
        "a text of the directory is empty.",
        "Pro Santé Connect, SubjectRefPro; OpenID Connect Core 1.0, 5.3.2",
        _on_userinfo(_emptied),
        PathParameters,
        alters=Use.USERINFO,
    ),
)
"""What can be wrong with what is told of a person."""
