"""Faults of the authorization response: by redirect, by form, or as one JWT (JARM)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import render_template
from pydantic import Field

from idp.dev.faults.carried import require
from idp.dev.faults.chosen import ERROR_TEXT, AgoParameters
from idp.dev.faults.endpoints import AUTHORIZATION_RESPONSE
from idp.dev.faults.fault import Answer, Change, DoesNotFit, Family, Parameters
from idp.dev.faults.signed import opened, signed_again, with_broken_signature
from idp.oauth.authorization.response_jwt import PARAMETER as RESPONSE
from idp.oauth.tokens.signing import Use

Members = dict[str, Any]
_TELLING = {"code", "error", RESPONSE}
"""One of these stands in every authorization response, and in no other redirect of ours."""


class AuthorizationErrorParameters(Parameters):
    """Which error."""

    error: str = Field("access_denied", min_length=1, max_length=100, pattern=ERROR_TEXT)
    """Its code."""
    description: str = Field("", max_length=500, pattern=ERROR_TEXT)
    """`error_description`; left out where empty."""


@dataclass(frozen=True)
class _Returned:
    """What the browser carries, and how it carries something else."""

    members: Members
    put: Callable[[Members], Answer]


class _Form(HTMLParser):
    """The one form of the page by which members are posted."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.target = ""
        self.members: Members = {}
        self._is_inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read the form and its hidden fields; the page has other forms as well."""
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == "form-post"
            self.target = (given.get("action") or "") if self._is_inside else self.target
        if tag == "input" and self._is_inside:
            self.members[given.get("name") or ""] = given.get("value") or ""


def _returned(answer: Answer) -> _Returned:
    """What stands in the answer, whichever mode it was asked in.

    Raises:
        DoesNotFit: it is no authorization response.
    """
    sent = _by_redirect(answer) if answer.location else _by_form(answer)
    if not _TELLING & sent.members.keys():
        raise DoesNotFit
    return sent


def _by_redirect(answer: Answer) -> _Returned:
    parts = urlsplit(answer.location or "")
    if not parts.scheme:  # to a page of ours
        raise DoesNotFit
    members = dict(parse_qsl(parts.query, keep_blank_values=True))

    def put(changed: Members) -> Answer:
        location = urlunsplit(parts._replace(query=urlencode(changed)))
        return replace(answer, location=location)

    return _Returned(members, put)


def _by_form(answer: Answer) -> _Returned:
    if answer.status != HTTPStatus.OK or not answer.content_type.startswith("text/html"):
        raise DoesNotFit
    form = _Form(answer.body.decode())
    if not form.target:
        raise DoesNotFit

    def put(changed: Members) -> Answer:
        page = render_template("oauth/form_post.html", target=form.target, members=changed)
        return replace(answer, body=page.encode())

    return _Returned(form.members, put)


def _on_members(change: Callable[[Answer, Members, Any], Members]) -> Change:
    """A fault of the members, wherever they stand; inside a JWT, whose signature holds."""

    def changed(answer: Answer, chosen: Any) -> Answer:
        returned = _returned(answer)
        if RESPONSE not in returned.members:
            return returned.put(change(answer, returned.members, chosen))
        was = opened(returned.members[RESPONSE])
        claims = change(answer, was.claims, chosen)
        token = signed_again(answer.provider, was, claims)
        return returned.put(returned.members | {RESPONSE: token})

    return changed


def _other(name: str, value: str) -> Change:
    def other(_answer: Answer, members: Members, _chosen: Any) -> Members:
        return members | {require(members, name): value}

    return _on_members(other)


def _without(name: str) -> Change:
    def without(_answer: Answer, members: Members, _chosen: Any) -> Members:
        require(members, name)
        return {key: value for key, value in members.items() if key != name}

    return _on_members(without)


def _error(_answer: Answer, members: Members, chosen: AuthorizationErrorParameters) -> Members:
    require(members, "code")
    told = {"error": chosen.error}
    if chosen.description:
        told["error_description"] = chosen.description
    kept = {k: v for k, v in members.items() if k not in {"code", "session_state"}}
    return told | kept


def _expired(answer: Answer, members: Members, chosen: AgoParameters) -> Members:
    expired = answer.provider.clock.timestamp() - chosen.seconds
    return members | {require(members, "exp"): expired}


def _bad_signature(answer: Answer, _chosen: Parameters) -> Answer:
    returned = _returned(answer)
    token = returned.members[require(returned.members, RESPONSE)]
    opened(token)
    return returned.put(returned.members | {RESPONSE: with_broken_signature(token)})


_NOT_REDEEM = "Not redeem the code, and show the person that the sign-in must begin anew."
_AS_JWT = "Of clients that asked for a JWT (`response_mode` ending in `jwt`): "
_fault = Family("authorization", (AUTHORIZATION_RESPONSE,), alters=Use.AUTHORIZATION).fault

FAULTS = (
    _fault(
        "error",
        "An error in place of the code; `state` and `iss` are right.",
        "Check `state` first, then tell the person; `access_denied` is a choice of theirs, and "
        "`temporarily_unavailable` worth another try. Show no `error_description` as it comes.",
        "RFC 6749, 4.1.2.1; OpenID Connect Core 1.0, 3.1.2.6",
        _on_members(_error),
        parameters=AuthorizationErrorParameters,
    ),
    _fault(
        "wrong_state",
        "`state` is `a-state-of-another-browser`.",
        _NOT_REDEEM,
        "RFC 6749, 4.1.2 and 10.12; RFC 9700, 4.7.1",
        _other("state", "a-state-of-another-browser"),
    ),
    _fault(
        "missing_state",
        "There is no `state`, though the request had one.",
        _NOT_REDEEM,
        "RFC 6749, 4.1.2 and 10.12; RFC 9700, 4.7.1",
        _without("state"),
    ),
    _fault(
        "wrong_iss",
        "`iss` is `https://issuer.invalid`: an attacker's provider mixed in.",
        _NOT_REDEEM,
        "RFC 9207, 2.4; RFC 9700, 4.4.2.1; JARM, 2.4",
        _other("iss", "https://issuer.invalid"),
    ),
    _fault(
        "missing_iss",
        "There is no `iss`, though discovery promises it.",
        "Not redeem the code: the provider says that it always names itself.",
        "RFC 9207, 2.4; JARM, 2.4",
        _without("iss"),
    ),
    _fault(
        "missing_code",
        "Neither a code nor an error.",
        "Fail with a message, without a call of the token endpoint.",
        "RFC 6749, 4.1.2",
        _without("code"),
    ),
    _fault(
        "wrong_code",
        "The code is one that was never issued: the token endpoint really refuses it.",
        "Take `invalid_grant` for the end of this sign-in, and offer to begin anew.",
        "RFC 6749, 5.2",
        _other("code", "a-code-that-was-never-issued"),
    ),
    _fault(
        "expired",
        f"{_AS_JWT}its `exp` lies in the past.",
        _NOT_REDEEM,
        "JARM, 2.4",
        _on_members(_expired),
        parameters=AgoParameters,
    ),
    _fault(
        "wrong_aud",
        f"{_AS_JWT}its `aud` is `another-service`.",
        _NOT_REDEEM,
        "JARM, 2.4",
        _other("aud", "another-service"),
    ),
    _fault(
        "bad_signature",
        f"{_AS_JWT}one bit of its signature is flipped.",
        _NOT_REDEEM,
        "JARM, 2.4",
        _bad_signature,
    ),
)
"""What can be wrong with what the browser brings back."""
