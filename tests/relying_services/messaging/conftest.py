"""The messaging, and two professionals who are signed in to it."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.messaging import KIND, MessagingSettings, create_app
from tests.relying_services.signed_in import sign_in

MARGELLE, BRISELAME = "899700990015", "899700990023"

Made = Callable[..., Flask]


@pytest.fixture
def make(serving: Made) -> Made:
    """Makes the messaging with settings of a test."""
    return partial(serving, KIND, MessagingSettings, create_app)


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
