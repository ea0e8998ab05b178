"""The regulation platform, and doctors who are signed in to it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.regulation import KIND, RegulationSettings, create_app
from relying_services.regulation.invented import new_call
from relying_services.regulation.store.calls import add_calls
from relying_services.service.app import service_of
from tests.relying_services.signed_in import sign_in

MARGELLE, BRISELAME = "899700990015", "899700990023"
DOCTOR = {"codeProfession": "10", "raisonSocialeSite": "CABINET MARGELLE"}

Made = Callable[..., Flask]


@pytest.fixture
def make(serving: Made, clock: Clock) -> Made:
    """Makes the platform with settings of a test, and three calls that wait."""

    def made(*database_url: str, **settings: Any) -> Flask:
        app = serving(KIND, RegulationSettings, create_app, *database_url, **settings)
        with service_of(app).store.begin() as db:
            add_calls(db, [_call(clock, urgency) for urgency in ("P2", "P0", "P3")])
        return app

    return made


@pytest.fixture
def app(make: Made) -> Flask:
    return make()


@pytest.fixture
def margelle(app: Flask) -> FlaskClient:
    return sign_in(app, MARGELLE, activity=DOCTOR)


@pytest.fixture
def briselame(app: Flask) -> FlaskClient:
    return sign_in(app, BRISELAME, name="Anatole BRISELAME", activity=DOCTOR)


def _call(clock: Clock, urgency: str) -> Any:
    return new_call(
        clock.now(), urgency=urgency, reason=f"Motif {urgency}", place="Ici", phone="01 99 00 12 34"
    )
