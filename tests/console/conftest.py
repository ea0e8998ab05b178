"""A console in this process, and whoever works on it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.console.app import create_console
from idp.provider import Provider, open_provider
from idp.settings import Settings
from tests.conftest import DEV_SECRET, make_settings
from tests.console.helpers import CONSOLE, Door, browser_of

QUICK = {"console_base_url": CONSOLE, "operator_password_cost": 10}


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, **QUICK)


@pytest.fixture
def provider(settings: Settings) -> Iterator[Provider]:
    opened = open_provider(settings)
    yield opened
    opened.store.close()


@pytest.fixture
def console_app(provider: Provider) -> Flask:
    """The console of a simulation in `--dev`."""
    return create_console(provider)


@pytest.fixture
def console(console_app: Flask) -> FlaskClient:
    """A browser that entered with the start-up secret."""
    browser = browser_of(console_app)
    Door(browser).by_secret(DEV_SECRET)
    return browser


@pytest.fixture
def manned(sqlite_url: str, master_key: str) -> Iterator[Provider]:
    """A provider whose console has operators, outside `--dev`."""
    opened = open_provider(make_settings(sqlite_url, master_key, dev=False, **QUICK))
    yield opened
    opened.store.close()


@pytest.fixture
def manned_app(manned: Provider) -> Flask:
    return create_console(manned)


@pytest.fixture
def either(database_url: str, master_key: str) -> Iterator[Provider]:
    """The same on SQLite, then on PostgreSQL."""
    opened = open_provider(make_settings(database_url, master_key, dev=False, **QUICK))
    yield opened
    opened.store.close()
