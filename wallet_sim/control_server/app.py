"""The control server's application: who may come in, which operation it is, and how it is told.

`/control/v1/…` is the provider itself, `/r/<name>/control/v1/…` a realm below it. Everything
demands the start-up secret in a header and a known Host, and takes nothing from a foreign origin
(decision 2); whether it is ready, `/healthz`, is told to everybody.
"""

import json
from functools import partial
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from wallet_sim.control_server import table
from wallet_sim.control_server.desk import Desk, Desks
from wallet_sim.control_server.document import openapi
from wallet_sim.control_server.onward import hand_on
from wallet_sim.control_server.operations import Operation
from wallet_sim.control_server.problems import refusal_of
from wallet_sim.door import SECRET_HEADER, Door

BASE = "/control/v1"
HEALTH = "/healthz"

_LARGEST_BODY = 2 * 1024 * 1024  # bytes
_HIDDEN_ORIGIN = "null"  # of forms of the phone's own pages, of which there are none here
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class ControlServer:
    """The WSGI application.

    Args:
        door: who may come in.
        desks: what is held for each issuer.
    """

    def __init__(self, door: Door, desks: Desks) -> None:
        self._door = door
        self._desks = desks
        rules = [
            *(
                Rule(
                    f"{BASE}{each.path}", endpoint=partial(_carry_out, each), methods=[each.method]
                )
                for each in table.OPERATIONS
            ),
            Rule(f"{BASE}/openapi.json", endpoint=_describe, methods=["GET"]),
            Rule(f"{BASE}/provider/<path:path>", endpoint=hand_on, methods=_METHODS),
        ]
        self._addresses = Map(
            [copy for rule in rules for copy in (rule, _in_realm(rule))], strict_slashes=False
        )

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request (PEP 3333)."""
        with Request(environ) as request:
            request.max_content_length = _LARGEST_BODY
            try:
                response = self._answer(request)
            except Exception as error:
                told = refusal_of(error)
                if told is None:
                    raise
                response = told
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == HEALTH:
            return _json({"status": "ok"}, HTTPStatus.OK)
        self._door.check_origin(request)
        if request.headers.get("Origin") == _HIDDEN_ORIGIN:
            raise Forbidden("control refuses an origin that a page hides")
        if not self._door.is_secret(request.headers.get(SECRET_HEADER, "")):
            raise Forbidden(f"the header {SECRET_HEADER} must carry the start-up secret")
        answer, path = self._addresses.bind_to_environ(request.environ).match()
        variables = dict(path)
        desk = self._desks.desk(variables.pop("realm", ""))
        told: Response = answer(desk, request, variables)
        return told


def _in_realm(rule: Rule) -> Rule:
    copy = rule.empty()
    copy.rule = f"/r/<realm>{rule.rule}"
    return copy


def _describe(desk: Desk, request: Request, variables: dict[str, str]) -> Response:
    del desk, request, variables
    return _json(openapi(BASE), HTTPStatus.OK)


def _carry_out(
    operation: Operation, desk: Desk, request: Request, variables: dict[str, str]
) -> Response:
    if request.args:
        raise BadRequest("this address takes no query")
    given = {} if operation.body is None else {"body": _read(operation.body, request)}
    if operation.body is None and request.get_data().strip() not in {b"", b"{}"}:
        raise BadRequest("this address takes no body")
    told = operation.view(desk, **variables, **given)
    if told is None:
        return Response(status=operation.status)
    return _json(told.model_dump(mode="json"), operation.status)


def _read(model: type[BaseModel], request: Request) -> BaseModel:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body must be application/json")
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        told = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'all of it'}: {fault['msg']}" for fault in faults
        )
        raise BadRequest(f"body: {told}") from error


def _json(told: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(told), status, content_type="application/json")
