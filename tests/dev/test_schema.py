"""The OpenAPI document of the development addresses is what they do, and all that they do."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask import Flask
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from idp import create_app
from idp.dev.document import openapi
from idp.dev.operations import operation_of
from idp.dev.views import BASE
from tests import described
from tests.conftest import make_settings, provider_of
from tests.dev.helpers import SECRET
from tests.dev.openapi import DOCUMENT, written

MOST = 200
"""Of those, for an address that takes fifty members: spread over all of them."""
LEAST = 8
"""Each address is asked by methods that it does not serve, whatever it takes."""
DESCRIBED = json.loads(DOCUMENT.read_text("utf-8"))
ADDRESSES = [
    (method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods
]
_EVERY = pytest.mark.parametrize(
    ("method", "path"), ADDRESSES, ids=[" ".join(address) for address in ADDRESSES]
)


@pytest.fixture
def small(sqlite_url: str, master_key: str) -> Iterator[Flask]:
    """A simulation in which nothing that is asked for takes long."""
    app = create_app(make_settings(sqlite_url, master_key, dev_people_at_once=3))
    yield app
    provider_of(app).store.close()


@cache
def schema() -> Any:
    """Read once a process: it takes as long as asking all that it says."""
    return described.read_schema(DESCRIBED)


def cases(app: Flask, method: str, path: str) -> list[Any]:
    """Right and wrong requests."""
    schema().app = app
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    return described.cases(described.operation_of(schema(), method, path), modes, most=MOST)


@_EVERY
def test_an_address_does_what_is_written_of_it(small: Flask, method: str, path: str) -> None:
    """What is asked rightly is answered as described; what is asked wrongly is refused so."""
    asked = cases(small, method, path)
    assert len(asked) >= LEAST
    for case in asked:
        case.call_and_validate(headers=SECRET, checks=described.CHECKS)


def test_a_document_that_says_something_else_would_be_noticed(
    small: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = DESCRIBED["components"]["schemas"]["ClockState"]["properties"]
    monkeypatch.setitem(told, "offset", {"type": "string"})
    schema.cache_clear()
    case = cases(small, "GET", "/clock")[0]
    with pytest.raises(FailureGroup, match="offset"):
        case.call_and_validate(headers=SECRET, checks=described.CHECKS)
    schema.cache_clear()


@pytest.mark.parametrize("given", [{}, {"Ecps-Dev-Secret": "guessed"}], ids=["none", "wrong"])
def test_without_the_secret_every_address_is_closed(app: Flask, given: dict[str, str]) -> None:
    """Decision 2: whatever is asked, and however, the door comes first."""
    browser = app.test_client()
    for method, path in ADDRESSES:
        address = BASE + re.sub(r"\{\w+\}", "x", path)
        answer = browser.open(address, method=method, json={}, headers=given)
        assert answer.status_code == 403, address
        assert answer.content_type == "application/problem+json"


def test_every_rule_below_is_an_operation_of_the_document(app: Flask) -> None:
    routed = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{BASE}/") and rule.endpoint != "dev.describe"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    undescribed = [
        endpoint for _, endpoint in routed if operation_of(app.view_functions[endpoint]) is None
    ]
    assert undescribed == []
    assert len(routed) == len(ADDRESSES)


def test_names_of_operations_and_models_are_unique(app: Flask) -> None:
    """Programs made of the document name functions after them."""
    told = openapi(app, BASE)
    names = [
        operation["operationId"]
        for methods in told["paths"].values()
        for operation in methods.values()
    ]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", name) for name in told["components"]["schemas"])


def test_the_document_in_the_docs_is_that_of_the_code(app: Flask) -> None:
    assert DOCUMENT.read_text("utf-8") == written(openapi(app, BASE)), (
        "run `python -m tests.dev.openapi`"
    )
