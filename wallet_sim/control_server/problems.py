"""Every refusal as a problem document (RFC 9457): `code` for programs, `detail` says what to do."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from wallet_sim.behaviours.acting_phone import ConditionRefused
from wallet_sim.behaviours.activation import CannotActivate
from wallet_sim.behaviours.catalogue import BehaviourRefused
from wallet_sim.behaviours.identities import IdentityUnknown
from wallet_sim.behaviours.pool import NotSettled
from wallet_sim.card.errors import CardError
from wallet_sim.dev_provider import DevelopmentRefused, DevProviderRefused, NothingSent
from wallet_sim.errors import NoAnswer, PhoneError
from wallet_sim.harness.errors import HarnessError

CONTENT_TYPE = "application/problem+json"


class Unknown(LookupError):
    """Nothing of this name is kept here; the message says what there is."""


class Taken(ValueError):
    """Something else has this name already."""


class AskHere(ValueError):
    """Asked of the provider alone, phones and cards would not follow; the message says where."""


def problem(status: int, code: str, detail: str, **members: Any) -> Response:
    """A problem document."""
    body = {
        "type": f"urn:ecps:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    } | members
    return Response(json.dumps(body), status, content_type=CONTENT_TYPE)


def refusal_of(error: Exception) -> Response | None:
    """How an error that was foreseen is told; None where nobody foresaw it."""
    for kind, tell in _TOLD.items():
        if isinstance(error, kind):
            return tell(error)
    return None


def _http(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    told = problem(status, status.name.lower(), error.description or status.description)
    for name, value in error.get_headers():
        if name == "Allow":
            told.headers[name] = value
    return told


def _development(error: DevelopmentRefused) -> Response:
    return problem(error.status, error.code or "provider_refused", str(error))


def _as(status: HTTPStatus, code: str) -> Callable[[Exception], Response]:
    return lambda error: problem(status, code, str(error))


_TOLD: dict[type[Exception], Callable[[Any], Response]] = {
    HTTPException: _http,
    Unknown: _as(HTTPStatus.NOT_FOUND, "unknown"),
    IdentityUnknown: _as(HTTPStatus.NOT_FOUND, "unknown"),
    Taken: _as(HTTPStatus.CONFLICT, "taken"),
    AskHere: _as(HTTPStatus.CONFLICT, "ask_control"),
    BehaviourRefused: _as(HTTPStatus.BAD_REQUEST, "behaviour_refused"),
    ConditionRefused: _as(HTTPStatus.BAD_REQUEST, "condition_refused"),
    NotSettled: _as(HTTPStatus.CONFLICT, "not_settled"),
    CannotActivate: _as(HTTPStatus.CONFLICT, "cannot_activate"),
    DevelopmentRefused: _development,
    DevProviderRefused: _as(HTTPStatus.BAD_GATEWAY, "provider_refused"),
    NothingSent: _as(HTTPStatus.BAD_GATEWAY, "nothing_sent"),
    NoAnswer: _as(HTTPStatus.BAD_GATEWAY, "provider_unreachable"),
    PhoneError: lambda error: problem(HTTPStatus.CONFLICT, error.code, str(error)),
    CardError: lambda error: problem(HTTPStatus.CONFLICT, error.code, str(error)),
    HarnessError: _as(HTTPStatus.CONFLICT, "cannot_be_done"),
}
"""In this order: the first that fits tells it."""
