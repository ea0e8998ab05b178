import pytest
from flask import Flask

from tests.enrolment.helpers import Handset, handset


@pytest.fixture
def phone(app: Flask) -> Handset:
    return handset(app)


@pytest.fixture
def other_phone(app: Flask) -> Handset:
    return handset(app)
