"""The OpenAPI document of the control server, made of its operations."""

import inspect
import re
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from wallet_sim.control_server import table
from wallet_sim.control_server.operations import Operation
from wallet_sim.control_server.problems import CONTENT_TYPE
from wallet_sim.door import SECRET_HEADER

VERSION = "1.0.0"
"""Of the control API: a member or an address that goes away raises the first figure."""

_REF = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"<(\w+)>")
_ALWAYS = {
    HTTPStatus.BAD_REQUEST: "The request is not as described here.",
    HTTPStatus.FORBIDDEN: "The start-up secret is missing or wrong, or Host or Origin is foreign.",
    HTTPStatus.BAD_GATEWAY: "The provider does not answer, or not as a `--dev` provider does.",
}
_OF_BODIES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than two mebibytes.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is no application/json.",
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457; `code` names the problem for programs, `detail` tells what to do.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}


def openapi(base: str) -> dict[str, Any]:
    """The document, for the address below which all stand."""
    paths: dict[str, dict[str, Any]] = {}
    for each in table.OPERATIONS:
        path = _VARIABLE.sub(r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = _described(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of simulated phones and cards",
            "version": VERSION,
            "description": "Served by `ecps-wallet control`. The same addresses below "
            "`/r/{name}/control/v1` are for a realm of the provider. Below `/provider/` stand the "
            "provider's own development addresses, which have a document of their own: "
            "`/provider/openapi.json`.",
        },
        "servers": [{"url": base}],
        "security": [{"secret": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Problem": _PROBLEM} | _schemas(),
            "securitySchemes": {
                "secret": {"type": "apiKey", "in": "header", "name": SECRET_HEADER}
            },
        },
    }


def _described(each: Operation) -> dict[str, Any]:
    summary, _, rest = inspect.cleandoc(each.view.__doc__ or "").partition("\n")
    told: dict[str, Any] = {
        "operationId": each.view.__name__,
        "summary": summary.rstrip("."),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _VARIABLE.findall(each.path)
        ],
        "responses": _responses(each),
    }
    if rest.strip():
        told["description"] = rest.strip()
    if each.body is not None:
        told["requestBody"] = {"required": True, "content": _content(each.body)}
    return told


def _responses(each: Operation) -> dict[str, Any]:
    refusals = _ALWAYS | (_OF_BODIES if each.body else {}) | dict(each.refusals)
    told: dict[str, Any] = {
        str(int(status)): {
            "description": text,
            "content": {CONTENT_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
        for status, text in sorted(refusals.items())
    }
    done: dict[str, Any] = {"description": each.status.phrase}
    if each.answer is not None:
        done["content"] = _content(each.answer)
    return {str(int(each.status)): done} | told


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _schemas() -> dict[str, Any]:
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = set()
    for each in table.OPERATIONS:
        if each.body is not None:
            wanted.add((each.body, "validation"))
        if each.answer is not None:
            wanted.add((each.answer, "serialization"))
    ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
    _, schema = models_json_schema(ordered, ref_template=_REF)
    return dict(sorted(schema.get("$defs", {}).items()))
