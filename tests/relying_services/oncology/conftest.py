"""The oncology network, and doctors who are signed in to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.oncology import OncologySettings, create_app
from relying_services.service.app import service_of
from tests.relying_services.compiled import COMPILED
from tests.relying_services.signed_in import sign_in

PRESENTER, SURGEON, STRANGER = "899700990015", "899700990023", "899700990031"

Made = Callable[..., Flask]


@pytest.fixture
def make(service_url: str, clock: Clock) -> Iterator[Made]:
    """Makes the network with settings of a test."""
    with ExitStack() as stack:

        def made(database_url: str = service_url, **settings: Any) -> Flask:
            given = {
                "issuer": "http://localhost:1",
                "client_id": "oncology",
                "client_secret": "secret",
                "base_url": "http://localhost:8014",
            } | settings
            app = create_app(OncologySettings(database_url=database_url, **given), clock)
            app.jinja_env.bytecode_cache = COMPILED
            stack.callback(service_of(app).store.close)
            return app

        yield made


@pytest.fixture
def app(make: Made) -> Flask:
    return make()


@pytest.fixture
def presenter(app: Flask) -> FlaskClient:
    return doctor(app, PRESENTER, "SM54")


@pytest.fixture
def surgeon(app: Flask) -> FlaskClient:
    return doctor(app, SURGEON, "SM04")


def doctor(app: Flask, actor: str, specialty: str = "") -> FlaskClient:
    """A doctor who acts under an activity of this specialty."""
    activity = {"codeProfession": "10", "codeSavoirFaire": specialty}
    return sign_in(app, actor, name=f"Dr {actor}", activity=activity)
