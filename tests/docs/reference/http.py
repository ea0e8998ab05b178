"""The HTTP interfaces, from their OpenAPI documents."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from tests.architecture.imports import ROOT
from tests.docs.reference.bodies import BODIES

DOCUMENTS = {
    "http-phone.md": "openapi-wallet.json",
    "http-development.md": "openapi-dev.json",
    "http-control.md": "openapi-control.json",
}
"""Page → its document in `docs/`."""

_METHODS = ("get", "post", "put", "patch", "delete")


def page(document: str) -> str:
    """The page of one document."""
    told = read(document)
    base = told["servers"][0]["url"]
    source = f"Generated from [`{document}`](../{document}) by `make docs`."
    meaning = f"Version {told['info']['version']}. {told['info'].get('description', '')}"
    lines = [f"# {told['info']['title']}", "", f"{source} {meaning}", ""]
    shared = _shared(told)
    lines += _everywhere(base, shared)
    for subject, found in groupby(operations(told), key=lambda each: each[1].split("/")[1]):
        lines += [f"## {subject}", ""]
        for method, path, operation in found:
            example = BODIES.get(f"{method.upper()} {base}{path}")
            lines += _operation(method, path, operation, shared, example)
    return "\n".join([*lines, *_models(told)])


def read(document: str) -> dict[str, Any]:
    """A document of `docs/`."""
    told: dict[str, Any] = json.loads((ROOT / "docs" / document).read_text("utf-8"))
    return told


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation, in the document's order."""
    for path, methods in told["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield method, path, methods[method]


def _shared(told: dict[str, Any]) -> dict[str, str]:
    """Refusals that every address answers with, or every one that takes a body."""
    all_of_them = [operation for _, _, operation in operations(told)]
    with_body = [operation for operation in all_of_them if "requestBody" in operation]
    shared: dict[str, str] = {}
    for group in (with_body, all_of_them):
        for status, first in (group[0]["responses"] if group else {}).items():
            text = first["description"]
            if status[0] not in "123" and all(_says(each, status, text) for each in group):
                shared[status] = text
    return dict(sorted(shared.items()))


def _says(operation: dict[str, Any], status: str, text: str) -> bool:
    told: str = operation["responses"].get(status, {}).get("description", "")
    return told == text


def _everywhere(base: str, shared: dict[str, str]) -> list[str]:
    lines = [f"Addresses stand below `{base}`.", ""]
    if not shared:
        return lines
    rows = [f"| {status} | {_line(text)} |" for status, text in shared.items()]
    return [*lines, "Each may answer with these, as a [Problem](#problem):", "", *_table(rows)]


def _operation(
    method: str, path: str, told: dict[str, Any], shared: dict[str, str], example: Any
) -> list[str]:
    lines = [f"### `{method.upper()} {path}`", "", told["summary"].rstrip(".") + ".", ""]
    if told.get("description"):
        lines += [told["description"], ""]
    rows = [
        *(_parameter(each) for each in told.get("parameters", [])),
        *_body(told.get("requestBody")),
        *(
            _response(status, each)
            for status, each in told["responses"].items()
            if not _says(told, status, shared.get(status, ""))
        ),
    ]
    lines += _table(rows)
    if example is not None:
        lines += ["```json", json.dumps(example, ensure_ascii=False), "```", ""]
    return lines


def _table(rows: list[str]) -> list[str]:
    return ["| | |", "|---|---|", *rows, ""] if rows else []


def _parameter(told: dict[str, Any]) -> str:
    need = "" if told["required"] else ", optional"
    text = _line(told["schema"].get("description", ""))
    return f"| `{told['name']}` in the {told['in']}{need} | {_type(told['schema'])} {text}|"


def _body(told: dict[str, Any] | None) -> list[str]:
    if told is None:
        return []
    return [
        f"| body, `{media}` | {_type(content.get('schema', {}))} |"
        for media, content in told["content"].items()
    ]


def _response(status: str, told: dict[str, Any]) -> str:
    shapes = [_type(each.get("schema", {})) for each in told.get("content", {}).values()]
    return f"| {status} | {_line(told['description'])} {' '.join(shapes)} |"


def _models(told: dict[str, Any]) -> list[str]:
    lines: list[str] = ["## What goes in and out", ""]
    for name, schema in told.get("components", {}).get("schemas", {}).items():
        lines += [f"### {name}", "", schema.get("description", ""), ""]
        members = schema.get("properties", {})
        if members:
            needed = schema.get("required", [])
            rows = [_member(key, each, needed=key in needed) for key, each in members.items()]
            lines += ["| member | type | meaning |", "|---|---|---|", *rows, ""]
    return lines


def _member(name: str, schema: dict[str, Any], *, needed: bool) -> str:
    need = "" if needed else ", optional"
    return f"| `{name}` | {_type(schema)}{need} | {_line(schema.get('description', ''))} |"


def _type(schema: dict[str, Any]) -> str:
    for member, told in _TOLD.items():
        if member in schema:
            return told(schema[member])
    kind = schema.get("type", "")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if kind == "object" and "properties" in schema:
        return ", ".join(f"`{name}`" for name in schema["properties"]) or "nothing"
    return kind if isinstance(kind, str) else " or ".join(kind)


def _reference(value: str) -> str:
    name = value.rpartition("/")[2]
    return f"[{name}](#{name.lower()})"


def _several(between: str, schemas: list[dict[str, Any]]) -> str:
    return between.join(_type(each) for each in schemas)


def _values(values: list[Any]) -> str:
    return ", ".join(f"`{value}`" for value in values)


_TOLD: dict[str, Callable[[Any], str]] = {
    "$ref": _reference,
    "anyOf": partial(_several, " or "),
    "oneOf": partial(_several, " or "),
    "allOf": partial(_several, " with "),
    "enum": _values,
    "const": lambda value: f"`{value}`",
    "contentSchema": lambda schema: f"JWS of {_type(schema)}",
}
"""How a schema is told by the first of these members that it has."""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
