"""Committing what was asked for, after the provider's own code made its answer.

One fault an answer: the oldest that stands for the endpoint and the client and that fits. What
replaces the work comes before what changes its answer. Each is taken by one conditional UPDATE, so
that the next two times are two whatever comes at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, Response, g, request
from pydantic import BaseModel

from idp.dev.callers import client_of_request
from idp.dev.faults.catalogue import CATALOGUE
from idp.dev.faults.endpoints import BACKCHANNEL_LOGOUT, CIBA_PUSH, endpoints_of_request
from idp.dev.faults.fault import Answer, DoesNotFit, Fault
from idp.dev.faults.wire import CUT_AT, LATE_BY, MisbehavingWire
from idp.provider import EXTENSION, Provider, current_provider
from idp.store.faults import standing_faults, stands, take_fault
from idp.store.models import DevFault

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Standing:
    """A fault that is still to be committed."""

    fault_id: int
    fault: Fault
    chosen: BaseModel


def init_app(app: Flask) -> None:
    """Look at every answer, and at all that is sent to services."""
    provider: Provider = app.extensions[EXTENSION]
    app.before_request(_replace_work)
    app.after_request(_change_answer)
    app.wsgi_app = MisbehavingWire(app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents

    def changed_call(client_id: str, content_type: str, content: bytes) -> bytes:
        return _changed_call(provider, client_id, content_type, content)

    provider.leaving_call = changed_call


def _replace_work() -> Response | None:
    provider = current_provider()
    g.standing_faults = _standing_for_request(provider)
    untouched = Answer(provider, 200, "", b"")
    replacing = [standing for standing in g.standing_faults if standing.fault.replaces_work]
    answer = _committed(replacing, untouched)
    if answer is None:
        return None
    g.standing_faults = []
    return _applied(answer, Response())


def _change_answer(response: Response) -> Response:
    waiting = [s for s in g.get("standing_faults", []) if not s.fault.replaces_work]
    if not waiting:
        return response
    made = Answer(
        current_provider(),
        response.status_code,
        response.content_type or "",
        response.get_data(),
        response.headers.get("Location"),
    )
    answer = _committed(waiting, made)
    return response if answer is None else _applied(answer, response)


def _changed_call(provider: Provider, client_id: str, content_type: str, content: bytes) -> bytes:
    endpoint = BACKCHANNEL_LOGOUT if content_type == _FORM else CIBA_PUSH
    with provider.store.read() as db:
        rows = standing_faults(db, endpoint, client_id)
    answer = _committed(_known(rows), Answer(provider, 200, content_type, content))
    return content if answer is None else answer.body


def _standing_for_request(provider: Provider) -> list[Standing]:
    endpoints = endpoints_of_request()
    if not endpoints:
        return []
    with provider.store.read() as db:
        standing = [endpoint for endpoint in endpoints if stands(db, endpoint)]
    if not standing:
        return []
    client_id = client_of_request()
    with provider.store.read() as db:
        rows = [row for endpoint in standing for row in standing_faults(db, endpoint, client_id)]
    return _known(sorted(rows, key=lambda row: row.id))


def _known(rows: Iterable[DevFault]) -> list[Standing]:
    """But those that a database holds from a version with another catalogue."""
    return [
        Standing(row.id, fault, fault.parameters.model_validate(row.parameters))
        for row in rows
        if (fault := CATALOGUE.get(row.fault)) is not None
    ]


def _committed(candidates: Iterable[Standing], answer: Answer) -> Answer | None:
    """The answer with the first fault that fits and is still to be had; None where none is."""
    for standing in candidates:
        try:
            changed = standing.fault.change(answer, standing.chosen)
        except DoesNotFit:
            continue
        with answer.provider.store.begin() as db:
            is_taken = take_fault(db, standing.fault_id)
        if is_taken:
            return changed
    return None


def _applied(answer: Answer, response: Response) -> Response:
    response.status_code = answer.status
    response.content_type = answer.content_type
    response.set_data(answer.body)
    if answer.location is not None:
        response.headers["Location"] = answer.location
    response.headers.update(answer.headers)
    if answer.cut_at is not None:
        request.environ[CUT_AT] = answer.cut_at
    if answer.late_by:
        request.environ[LATE_BY] = answer.late_by
    return response
