"""A service that is answered by form, and people who sign in at it."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.conformance.form_post.helpers import Person, SignedIn
from tests.oauth.helpers import Service, add_client
from tests.wallet.helpers import enrol


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider, client_name="Logiciel de test")
    return Service(app, provider)


@pytest.fixture
def person(app: Flask, browser: FlaskClient, provider: Provider, tmp_path: Path) -> Person:
    return Person(browser, enrol(app, tmp_path / "phone"), provider)


@pytest.fixture
def signed_in(browser: FlaskClient, provider: Provider) -> SignedIn:
    return SignedIn(browser, provider)
