"""The OpenAPI document of the control API is what it does, and all that it does."""

import json
import re
from functools import cache
from typing import Any

import pytest
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from tests import described
from tests.control.helpers import SECRET, Control
from tests.control.openapi import DOCUMENT, written
from wallet_sim.control_server import table
from wallet_sim.control_server.app import BASE, ControlServer
from wallet_sim.control_server.document import openapi
from wallet_sim.door import SECRET_HEADER

DESCRIBED = json.loads(DOCUMENT.read_text("utf-8"))
MOST = 40
LEAST = 5
REFUSED_ALONE = {("POST", "/identities"), ("PUT", "/snapshots/{name}"), ("POST", "/reset")}
"""What takes long where it is asked rightly: here asked wrongly alone."""
ADDRESSES = [
    (method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods
]


@cache
def schema() -> Any:
    return described.read_schema(DESCRIBED)


def cases(method: str, path: str, modes: list[GenerationMode]) -> list[Any]:
    return described.cases(described.operation_of(schema(), method, path), modes, most=MOST)


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=[" ".join(each) for each in ADDRESSES])
def test_an_address_does_what_is_written_of_it(
    server: ControlServer, shared: Control, method: str, path: str
) -> None:
    """What is asked rightly is answered as described; what is asked wrongly is refused so."""
    schema().app = _Below(server, shared.realm)
    modes = [GenerationMode.NEGATIVE]
    if (method, path) not in REFUSED_ALONE:
        modes.append(GenerationMode.POSITIVE)
    asked = cases(method, path, modes)
    assert len(asked) >= LEAST
    for case in asked:
        if (method, path) in REFUSED_ALONE and case.method.upper() == method and not case.body:
            continue
        case.call_and_validate(headers={SECRET_HEADER: SECRET}, checks=described.CHECKS)


class _Below:
    """The server, as a program sees it that was given the address of a realm."""

    def __init__(self, server: ControlServer, realm: str) -> None:
        self._server = server
        self._prefix = f"/r/{realm}"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        path = self._prefix + environ["PATH_INFO"]
        return self._server(environ | {"PATH_INFO": path}, start_response)


def test_a_document_that_says_something_else_would_be_noticed(
    server: ControlServer, shared: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = DESCRIBED["components"]["schemas"]["Place"]["properties"]
    monkeypatch.setitem(told, "issuer", {"type": "integer"})
    schema.cache_clear()
    schema().app = _Below(server, shared.realm)
    case = cases("GET", "/place", [GenerationMode.POSITIVE])[0]
    with pytest.raises(FailureGroup, match="issuer"):
        case.call_and_validate(headers={SECRET_HEADER: SECRET}, checks=described.CHECKS)
    schema.cache_clear()


def test_every_operation_is_described_under_a_name_of_its_own() -> None:
    told = openapi(BASE)
    names = [each["operationId"] for methods in told["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names)) == len(table.OPERATIONS)
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in told["components"]["schemas"])


def test_the_document_in_the_docs_is_that_of_the_code() -> None:
    assert DOCUMENT.read_text("utf-8") == written(openapi(BASE)), (
        "run `python -m tests.control.openapi`"
    )
