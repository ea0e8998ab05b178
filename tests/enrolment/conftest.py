import pytest
from flask import Flask

from idp.provider import Provider
from tests.enrolment.helpers import Handset, handset
from tests.enrolment.pairing_helpers import (
    Portal,
    Scanner,
    scanner,
)


@pytest.fixture
def phone(app: Flask) -> Handset:
    return handset(app)


@pytest.fixture
def other_phone(app: Flask) -> Handset:
    return handset(app)


@pytest.fixture
def portal(provider: Provider) -> Portal:
    return Portal(provider)


@pytest.fixture
def mine(app: Flask) -> Scanner:
    return scanner(app)


@pytest.fixture
def stranger(app: Flask) -> Scanner:
    return scanner(app)
