"""What the recorder kept, read as its users read it."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.conftest import DEV_SECRET
from tests.signin import helpers as pages

HEADERS = {"Ecps-Dev-Secret": DEV_SECRET}


def ask(app: Flask, path: str, **query: Any) -> Any:
    answer = app.test_client().get(f"/dev/v1/{path}", query_string=query, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return answer.json


def exchanges(app: Flask, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(app, "exchanges", **query)["exchanges"]
    return found


def last(app: Flask, step: str) -> dict[str, Any]:
    return [exchange for exchange in exchanges(app) if exchange["step"] == step][-1]


def found(app: Flask, client_id: str = "service") -> set[str]:
    """The rules that a service broke."""
    return {finding["rule"] for finding in ask(app, f"checklists/{client_id}")["findings"]}


def code_by_pages(browser: FlaskClient, provider: Provider, **asked: str) -> dict[str, str]:
    """What the service gets at its callback, after a sign-in by the pages."""
    page = pages.begin(browser, **asked)
    pages.start(browser, page)
    pages.answer(provider, device_id=None)
    return pages.returned(browser.get(page + "/finish"))
