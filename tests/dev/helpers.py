"""Asking the development addresses of a provider in this process."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp import create_app
from idp.provider import Provider
from tests.conftest import DEV_SECRET

SECRET = {"Ecps-Dev-Secret": DEV_SECRET}


class Developer:
    """Holds the start-up secret."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        return self.browser.open(
            f"/dev/v1/{path}", method=method, json=body, query_string=query, headers=SECRET
        )

    def get(self, address: str) -> TestResponse:
        """Another address than those of development."""
        return self.browser.get(address)

    def told(self, method: str, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        answer = self.ask(method, path, body, **query)
        assert answer.status_code in {200, 201}, answer.text
        document: dict[str, Any] = answer.get_json()
        return document

    def refused(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        """Status and detail of the problem that came."""
        answer = self.ask(method, path, body, **query)
        assert answer.content_type == "application/problem+json", answer.text
        return answer.status_code, answer.get_json()["detail"]


def developer_of(provider: Provider) -> Developer:
    return Developer(create_app(provider.settings, provider=provider).test_client())
