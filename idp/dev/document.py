"""The OpenAPI document of the development addresses, made of their operations."""

import inspect
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from idp.dev.guard import SECRET_HEADER
from idp.dev.operations import Operation, OptionalBody, operation_of

VERSION = "1.0.0"
"""Of the development addresses: a member or an address that goes away raises the first figure."""

_REF = "#/components/schemas/{model}"
_ALWAYS = {
    HTTPStatus.BAD_REQUEST: "The request is not as described here.",
    HTTPStatus.FORBIDDEN: "The start-up secret is missing or wrong, or Host or Origin is foreign.",
}
_OF_BODIES = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than the setting `max_body`.",
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


def openapi(app: Flask, base: str) -> dict[str, Any]:
    """The document of what an application routes below a path."""
    found = list(_operations(app, base))
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, declared in found:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(base))
        told = _described(app.view_functions[rule.endpoint], rule, declared)
        paths.setdefault(path, {})[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Development addresses of an ecps-idp simulation",
            "version": VERSION,
            "description": "Routed with `serve --dev` alone, on a simulation database.",
        },
        "servers": [{"url": base}],
        "security": [{"secret": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {"Problem": _PROBLEM} | _schemas(declared for _, _, declared in found),
            "securitySchemes": {
                "secret": {"type": "apiKey", "in": "header", "name": SECRET_HEADER}
            },
        },
    }


def _operations(app: Flask, base: str) -> Iterator[tuple[Rule, str, Operation]]:
    for rule in app.url_map.iter_rules():
        declared = operation_of(app.view_functions[rule.endpoint])
        if declared is None or not rule.rule.startswith(f"{base}/"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, declared


def _described(view: Any, rule: Rule, declared: Operation) -> dict[str, Any]:
    summary, _, rest = inspect.cleandoc(view.__doc__ or "").partition("\n")
    told: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": summary.rstrip("."),
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in sorted(rule.arguments)
            ),
            *_parameters(declared.query),
        ],
        "responses": _responses(declared),
    }
    if rest.strip():
        told["description"] = rest.strip()
    if declared.body is not None:
        is_required = not issubclass(declared.body, OptionalBody)
        told["requestBody"] = {"required": is_required, "content": _content(declared.body)}
    return told


def _responses(declared: Operation) -> dict[str, Any]:
    refusals = _ALWAYS | (_OF_BODIES if declared.body else {}) | dict(declared.refusals)
    told: dict[str, Any] = {
        str(int(status)): {
            "description": text,
            "content": {
                "application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}
            },
        }
        for status, text in sorted(refusals.items())
    }
    done: dict[str, Any] = {}
    if declared.answer is not None:
        done["content"] = _content(declared.answer)
    statuses = [status for status in (declared.status, declared.other_status) if status]
    return {
        str(int(status)): done | {"description": HTTPStatus(status).phrase} for status in statuses
    } | told


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}


def _parameters(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": member}
        for name, member in schema.get("properties", {}).items()
    ]


def _schemas(operations: Iterable[Operation]) -> dict[str, Any]:
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = set()
    for declared in operations:
        if declared.body is not None:
            wanted.add((declared.body, "validation"))
        if declared.answer is not None:
            wanted.add((declared.answer, "serialization"))
    ordered = sorted(wanted, key=lambda each: (each[0].__name__, each[1]))
    _, schema = models_json_schema(ordered, ref_template=_REF)
    return dict(sorted(schema.get("$defs", {}).items()))
