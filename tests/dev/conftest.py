"""Somebody who holds the start-up secret."""

import pytest
from flask.testing import FlaskClient

from idp.provider import Provider
from tests.dev.helpers import Developer, developer_of


@pytest.fixture
def developer(browser: FlaskClient) -> Developer:
    return Developer(browser)


@pytest.fixture
def developer_of_both(both: Provider) -> Developer:
    """On SQLite, then the same test on PostgreSQL."""
    return developer_of(both)
