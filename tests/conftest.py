"""Fixtures every folder shares: a provider on either database, and ways to talk to it."""

import gc
import itertools
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.clock import Clock
from idp.directory.sample import load_sample
from idp.provider import EXTENSION, Provider, initialise, open_provider
from idp.settings import Settings
from tests import postgresql, remembered

pytest_plugins = ["tests.no_skip"]

DEV_SECRET = "start-up-secret-of-the-tests"
BASE_URL = "http://localhost:8000"

remembered.install()

# Thousands of modules and tests stay for good: the collector walks them seldom, or a third of all
# the time is its own.
gc.set_threshold(50_000, 20, 20)

# Tests do not time (decision 41).
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts one PostgreSQL server; workers inherit its address."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        config.stash[_server] = postgresql.start()


def pytest_collection_finish() -> None:
    """What was collected stays: the collector never walks it again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_server, None)
    if server is not None:
        server.stop()


_server = pytest.StashKey[postgresql.Server | None]()


def postgresql_url(name: str) -> str:
    return f"postgresql://postgres@/{name}?host={os.environ[postgresql.ADDRESS]}"


def administer(statement: str) -> None:
    folder = os.environ[postgresql.ADDRESS]
    with psycopg.connect(f"host={folder} user=postgres", autocommit=True) as connection:
        connection.execute(statement)


_templates_filled: list[datetime] = []


@pytest.fixture(autouse=True)
def standing_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time moves only where a test moves it, a microsecond a glance, so that events keep order.

    Folders whose tests run the provider in other processes, which live in real time, give
    another fixture of this name.
    """
    now = datetime.now(UTC)
    # A whole second, that no test sees two; but the keys of a template are used when they exist.
    began = max([now.replace(microsecond=0), *_templates_filled])
    glances = itertools.count()

    def glance(clock: Clock) -> datetime:
        return began + next(glances) * timedelta(microseconds=1) + clock.offset

    monkeypatch.setattr(Clock, "now", glance)


@pytest.fixture(scope="session")
def master_key() -> str:
    return "A" * 43


def make_settings(database_url: str, master_key: str, **changes: Any) -> Settings:
    given: dict[str, Any] = {
        "database_url": database_url,
        "master_key": master_key,
        "base_url": BASE_URL,
        "dev": True,
        "dev_secret": DEV_SECRET,
        "kdf_log2_cost": 10,
        "embedded_worker": False,
    }
    return Settings(**(given | changes))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, master_key: str) -> Path:
    """An initialised SQLite file with the sample people, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    fill(make_settings(f"sqlite:///{path}", master_key))
    return path


@pytest.fixture(scope="session")
def postgresql_template(master_key: str) -> Iterator[str]:
    if postgresql.ADDRESS not in os.environ:
        pytest.skip("PostgreSQL is not installed: run `make test`, which installs it")
    name = f"template_{secrets.token_hex(6)}"
    administer(f"CREATE DATABASE {name}")
    fill(make_settings(postgresql_url(name), master_key))
    yield name
    administer(f"DROP DATABASE {name} WITH (FORCE)")


def fill(settings: Settings) -> None:
    initialise(settings, kind="simulation")
    provider = open_provider(settings)
    load_sample(provider)
    provider.store.close()
    _templates_filled.append(datetime.now(UTC))


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "ecps.db"
    shutil.copy(sqlite_template, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def fresh_postgresql_url(postgresql_template: str) -> Iterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    administer(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield postgresql_url(name)
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Either database: ask for this (or for ``both``) where SQL is what is tested."""
    name = "sqlite_url" if request.param == "sqlite" else "fresh_postgresql_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    provider_of(app).store.close()


@pytest.fixture
def both(database_url: str, master_key: str) -> Iterator[Provider]:
    """A provider on SQLite, then the same test on PostgreSQL."""
    provider = open_provider(make_settings(database_url, master_key))
    yield provider
    provider.store.close()


@pytest.fixture
def provider(app: Flask) -> Provider:
    return provider_of(app)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A browser with its own cookies, in this process."""
    return app.test_client()


def provider_of(app: Flask) -> Provider:
    provider: Provider = app.extensions[EXTENSION]
    return provider
