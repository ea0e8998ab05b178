import pytest
from flask import Flask

from idp.provider import Provider
from tests.oauth.helpers import Service, add_client


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider)
    return Service(app, provider)
