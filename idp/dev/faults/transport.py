"""Faults of any endpoint: errors, answers that cannot be read, late ones and cut ones."""

import json
from dataclasses import replace
from http import HTTPStatus

from pydantic import Field

from idp.dev.faults.chosen import ERROR_TEXT
from idp.dev.faults.endpoints import ANSWERING, DISCOVERY, JWKS, OF_PROGRAMS
from idp.dev.faults.fault import Answer, DoesNotFit, Fault, Parameters

_JSON = "application/json"
_STATUSES = {
    "invalid_client": HTTPStatus.UNAUTHORIZED,
    "invalid_token": HTTPStatus.UNAUTHORIZED,
    "insufficient_scope": HTTPStatus.FORBIDDEN,
    "server_error": HTTPStatus.INTERNAL_SERVER_ERROR,
    "temporarily_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Of the errors that are no 400 (RFC 6749, 5.2; RFC 6750, 3.1)."""
_CHALLENGES = {
    "invalid_client": "Basic",
    "invalid_token": "Bearer",
    "insufficient_scope": "Bearer",
}
_MAINTENANCE = (
    b'<!DOCTYPE html>\n<html lang="en"><head><title>Maintenance</title></head>'
    b"<body><h1>Service under maintenance</h1></body></html>\n"
)


class OAuthErrorParameters(Parameters):
    """Which error."""

    error: str = Field("temporarily_unavailable", min_length=1, max_length=100, pattern=ERROR_TEXT)
    """Its code."""
    description: str = Field("", max_length=500, pattern=ERROR_TEXT)
    """`error_description`; left out where empty."""
    status: int | None = Field(None, ge=400, le=599)
    """HTTP status; that of the error where none is given."""


class ServerErrorParameters(Parameters):
    """Which failure."""

    status: int = Field(503, ge=500, le=599)
    """HTTP status."""
    retry_after: int | None = Field(None, ge=0, le=86400)
    """Seconds of `Retry-After`; no such header where none are given."""


class HtmlParameters(Parameters):
    """How the page comes."""

    status: int = Field(200, ge=200, le=599)
    """HTTP status."""


class LateParameters(Parameters):
    """How late."""

    seconds: float = Field(5.0, ge=0, le=86400, allow_inf_nan=False)
    """Wait before the first byte; at most the setting `dev_longest_delay`."""


def _oauth_error(answer: Answer, chosen: OAuthErrorParameters) -> Answer:
    told = {"error": chosen.error}
    if chosen.description:
        told["error_description"] = chosen.description
    status = chosen.status or _STATUSES.get(chosen.error, HTTPStatus.BAD_REQUEST)
    challenge = _CHALLENGES.get(chosen.error)
    headers = {"WWW-Authenticate": f'{challenge} error="{chosen.error}"'} if challenge else {}
    return replace(
        answer,
        status=int(status),
        content_type=_JSON,
        body=json.dumps(told).encode(),
        headers=headers,
    )


def _server_error(answer: Answer, chosen: ServerErrorParameters) -> Answer:
    try:
        phrase = HTTPStatus(chosen.status).phrase
    except ValueError:  # one that no specification names
        phrase = "Server Error"
    waits = {} if chosen.retry_after is None else {"Retry-After": str(chosen.retry_after)}
    return replace(
        answer,
        status=chosen.status,
        content_type="text/plain; charset=utf-8",
        body=f"{chosen.status} {phrase}\n".encode(),
        headers=waits,
    )


def _html_page(answer: Answer, chosen: HtmlParameters) -> Answer:
    return replace(
        answer,
        status=chosen.status,
        content_type="text/html; charset=utf-8",
        body=_MAINTENANCE,
    )


def _malformed_json(answer: Answer, _chosen: Parameters) -> Answer:
    if answer.content_type.partition(";")[0] != _JSON or not answer.body:
        raise DoesNotFit
    return replace(answer, body=answer.body[:-1])


def _late(answer: Answer, chosen: LateParameters) -> Answer:
    return replace(answer, late_by=chosen.seconds)


def _cut(answer: Answer, _chosen: Parameters) -> Answer:
    if len(answer.body) < 2:  # noqa: PLR2004 - of less there is no half
        raise DoesNotFit
    return replace(answer, cut_at=len(answer.body) // 2)


FAULTS = (
    Fault(
        "oauth_error",
        tuple(name for name in OF_PROGRAMS if name not in {DISCOVERY, JWKS}),
        "The request is not carried out: it is answered with the error, as JSON, with its status "
        "and its challenge.",
        "Act by the code: wait and ask again after `slow_down` (5 s more each time) and "
        "`authorization_pending`; later after `temporarily_unavailable`; begin a new sign-in "
        "after `invalid_grant` and `invalid_token`; never repeat the others unchanged. Show the "
        "person no text that came from outside.",
        "RFC 6749, 5.2; RFC 6750, 3.1; RFC 8628, 3.5; CIBA Core 1.0, 11 and 13",
        _oauth_error,
        OAuthErrorParameters,
        replaces_work=True,
    ),
    Fault(
        "server_error",
        ANSWERING,
        "The request is not carried out: a 5xx as of a load balancer, a line of plain text.",
        "Not read it as JSON; wait as `Retry-After` says, else longer each time, and ask again: "
        "nothing was spent. Give up after a bounded time with a message for the person.",
        "RFC 9110, 10.2.3 and 15.6",
        _server_error,
        ServerErrorParameters,
        replaces_work=True,
    ),
    Fault(
        "html_page",
        ANSWERING,
        "The request is not carried out: a page of HTML, by default with status 200.",
        "Look at the status and the media type before reading: what is no JSON is a failure of "
        "the provider, reported as such.",
        "RFC 6749, 5.1; OpenID Connect Core 1.0, 3.1.3.3 and 5.3.2",
        _html_page,
        HtmlParameters,
        replaces_work=True,
    ),
    Fault(
        "malformed_json",
        OF_PROGRAMS,
        "The request is carried out; the last byte of its JSON is missing.",
        "Treat it as a failure, keep nothing of it, and not send the same code or refresh token "
        "again: it is spent.",
        "RFC 8259, 9; RFC 6749, 4.1.2",
        _malformed_json,
    ),
    Fault(
        "late",
        ANSWERING,
        "The request is carried out; the answer begins only after so many seconds.",
        "Have a limit of its own for the time that it waits, and tell the person; not send what "
        "may be used once a second time blindly.",
        "RFC 9110, 9.2.2",
        _late,
        LateParameters,
    ),
    Fault(
        "cut",
        OF_PROGRAMS,
        "The request is carried out; at most half of the body comes, then the connection closes, "
        "though `Content-Length` names all of it.",
        "Notice that the answer is incomplete, and use nothing of it.",
        "RFC 9112, 8",
        _cut,
    ),
)
"""What can happen to any answer."""
