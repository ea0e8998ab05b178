"""What can be asked of the control server: each operation with what it takes and gives.

The server routes this table, and the OpenAPI document is made of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

V = TypeVar("V", bound=Callable[..., Any])

NationalId = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,64}$")]
"""A national identifier, as far as an address can name it: the provider judges the rest."""


class Members(BaseModel):
    """A JSON object that comes in or goes out: these members, of these types, and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


@dataclass(frozen=True)
class Operation:
    """One method of one address, below `/control/v1`."""

    method: str
    path: str
    view: Callable[..., Any]
    """Takes the desk, the variables of the path and, where there is one, the `body`."""
    body: type[BaseModel] | None
    answer: type[BaseModel] | None
    status: HTTPStatus
    refusals: Mapping[HTTPStatus, str] = field(default_factory=dict)


class Operations:
    """A table of operations, filled by its decorator."""

    def __init__(self) -> None:
        self._table: list[Operation] = []

    def __iter__(self) -> Any:
        return iter(self._table)

    def add(
        self,
        method: str,
        path: str,
        *,
        answer: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
        status: HTTPStatus | None = None,
        refusals: Mapping[HTTPStatus, str] | None = None,
    ) -> Callable[[V], V]:
        """Add the function below; its docstring is told in the document.

        Args:
            method: of HTTP.
            path: below `/control/v1`, with variables as `<name>`.
            answer: what it gives; 204 where it gives nothing.
            body: what it takes; nothing where none is named.
            status: of success.
            refusals: statuses of problem documents of its own, and when they come.
        """

        def added(view: V) -> V:
            done = status or (HTTPStatus.OK if answer else HTTPStatus.NO_CONTENT)
            self._table.append(
                Operation(method, path, view, body, answer, done, dict(refusals or {}))
            )
            return view

        return added
