"""The messaging, and two professionals who are signed in to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.messaging import MessagingSettings, create_app
from relying_services.service.app import service_of
from tests.relying_services.compiled import COMPILED
from tests.relying_services.signed_in import sign_in

ORIGIN = "http://localhost:8012"
MARGELLE, BRISELAME = "899700990015", "899700990023"

Made = Callable[..., Flask]


@pytest.fixture
def make(service_url: str, clock: Clock) -> Iterator[Made]:
    """Makes the messaging with settings of a test."""
    with ExitStack() as stack:

        def made(database_url: str = service_url, **settings: Any) -> Flask:
            given = {
                "issuer": "http://localhost:1",
                "client_id": "messaging",
                "client_secret": "secret",
                "base_url": ORIGIN,
            } | settings
            app = create_app(MessagingSettings(database_url=database_url, **given), clock)
            app.jinja_env.bytecode_cache = COMPILED
            stack.callback(service_of(app).store.close)
            return app

        yield made


@pytest.fixture
def app(make: Made) -> Flask:
    return make()


@pytest.fixture
def margelle(app: Flask) -> FlaskClient:
    client = sign_in(app, MARGELLE, name="Solène MARGELLE", family_name="MARGELLE")
    client.get("/")
    return client


@pytest.fixture
def briselame(app: Flask) -> FlaskClient:
    client = sign_in(app, BRISELAME, name="Anatole BRISELAME", family_name="BRISELAME")
    client.get("/")
    return client
