"""A registered service, and a second browser."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.signin.helpers import add_client


@pytest.fixture(autouse=True)
def service(provider: Provider) -> None:
    add_client(provider)


@pytest.fixture
def other_browser(app: Flask) -> FlaskClient:
    return app.test_client()
