"""The oncology network, and doctors who are signed in to it."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.oncology import KIND, OncologySettings, create_app
from tests.relying_services.signed_in import sign_in

PRESENTER, SURGEON, STRANGER = "899700990015", "899700990023", "899700990031"

Made = Callable[..., Flask]


@pytest.fixture
def make(serving: Made) -> Made:
    """Makes the network with settings of a test."""
    return partial(serving, KIND, OncologySettings, create_app)


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
