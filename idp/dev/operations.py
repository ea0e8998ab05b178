"""Development addresses as operations: what each takes and gives, said once.

A view is declared with the models of its body, its query and its answer. They check every request,
and the OpenAPI document (`idp/dev/document.py`) is made of them, so that the two cannot differ.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Annotated, Any

from flask import Response, jsonify, request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

View = Callable[..., Response]


class Message(BaseModel):
    """A JSON object that a development address takes or gives: these members, of these types."""

    # Built at first use: a server that is just started need not know how to read each of them.
    model_config = ConfigDict(
        extra="forbid", strict=True, use_attribute_docstrings=True, defer_build=True
    )


class OptionalBody(Message):
    """A body whose members all have defaults: it may be left out."""


class Query(BaseModel):
    """What stands in the query of an address."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, defer_build=True)


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("it holds a NUL character")
    return text


Text = Annotated[
    str, AfterValidator(_storable), Field(json_schema_extra={"pattern": r"^[^\u0000]*$"})
]
"""A text that a database can hold."""
LARGEST = 2**63 - 1
"""Of a sequence number in either database."""


@dataclass(frozen=True)
class Answered:
    """An answer that comes with the other status of its operation."""

    answer: BaseModel


@dataclass(frozen=True)
class Operation:
    """What an address takes and gives."""

    answer: type[BaseModel] | None
    status: int
    other_status: int | None = None
    """What an `Answered` of the view comes with."""
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    refusals: Mapping[int, str] = field(default_factory=dict)
    """Statuses of problem documents besides 400 and 403, and when they come."""


def operation(
    answer: type[BaseModel] | None = None,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    other_status: HTTPStatus | None = None,
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    refusals: Mapping[int, str] | None = None,
) -> Callable[[Callable[..., BaseModel | Answered | None]], View]:
    """Declare a view that gives an `answer`; it gets `body` and `query` by these names.

    Without an answer the status is 204; an `Answered` comes with ``other_status``. What the
    request holds beyond them is refused (400).
    """
    given = HTTPStatus.NO_CONTENT if answer is None else status
    declared = Operation(answer, given, other_status, body, query, dict(refusals or {}))

    def declare(view: Callable[..., BaseModel | Answered | None]) -> View:
        @wraps(view)
        def checked(**path: str) -> Response:
            read: dict[str, BaseModel] = {}
            read |= {"query": _read_query(query)} if query is not None else _no_query()
            read |= {"body": _read_body(body)} if body is not None else _no_body()
            told = view(**path, **read)
            if told is None:
                return Response(status=given)
            if isinstance(told, Answered):
                return _respond(told.answer, other_status or given)
            return _respond(told, given)

        checked.operation = declared  # type: ignore[attr-defined]  # read by `operation_of`
        return checked

    return declare


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """What a view was declared as."""
    found: Operation | None = getattr(view, "operation", None)
    return found


def told_faults(error: ValidationError) -> str:
    """What a model refuses, member by member, without what was given."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'all of it'}: {fault['msg']}"
        for fault in faults
    )


def _respond(answer: BaseModel, status: HTTPStatus) -> Response:
    response = jsonify(answer.model_dump(mode="json"))
    response.status_code = status
    return response


def _read_query(model: type[BaseModel]) -> BaseModel:
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise BadRequest(f"given more than once in the query: {', '.join(sorted(repeated))}")
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise BadRequest(f"query: {told_faults(error)}") from error


def _read_body(model: type[BaseModel]) -> BaseModel:
    if issubclass(model, OptionalBody) and not request.get_data().strip():
        return model()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body must be application/json")
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadRequest(f"body: {told_faults(error)}") from error


def _no_query() -> dict[str, BaseModel]:
    if request.args:
        raise BadRequest("this address takes no query")
    return {}


def _no_body() -> dict[str, BaseModel]:
    # A client that always sends an object may: nothing is in it.
    if request.get_data().strip() not in {b"", b"{}"}:
        raise BadRequest("this address takes no body")
    return {}
