"""A service that takes every means, and a person with a phone that holds an e-CPS."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.settings import Settings
from tests.cards.helpers import IssuedCard, issued_card
from tests.conftest import make_settings
from tests.security_keys.helpers import Practitioner
from tests.signin.helpers import add_client
from tests.wallet.helpers import PERSON, enrol

EVERY_MEANS = ["MOBILE", "CARD", "WEBAUTHN"]


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, PERSON)


@pytest.fixture
def person(app: Flask, provider: Provider, browser: FlaskClient, tmp_path: Path) -> Practitioner:
    """Somebody who has a phone and no key yet."""
    add_client(provider, means=EVERY_MEANS)
    return Practitioner(browser, provider, enrol(app, tmp_path / "phone"))


@pytest.fixture
def holder(person: Practitioner) -> Practitioner:
    """Somebody who registered a key after a sign-in by phone."""
    person.enter_by_phone()
    assert person.register().status_code == 303
    return person
