"""A database of EspacePro that holds the directory's sample, on either kind of database."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.espacepro import create_app
from relying_services.espacepro.sample import import_sample
from relying_services.espacepro.store.tables import TABLES
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from tests.relying_services.compiled import COMPILED
from tests.relying_services.espacepro.pages import API_SECRET, MON_COMPTE
from tests.relying_services.espacepro.stage import NOW, settings

Made = Callable[..., Flask]


def _sampled(url: str) -> Store:
    store = Store(url, TABLES)
    store.upgrade()
    import_sample(store, Clock())
    return store


@pytest.fixture(scope="session")
def sampled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the sample, to be copied: migrations run once a worker."""
    path = tmp_path_factory.mktemp("espacepro") / "sample.db"
    _sampled(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sampled_url(sampled_file: Path, tmp_path: Path) -> str:
    """EspacePro's database with the sample, on SQLite."""
    path = shutil.copy(sampled_file, tmp_path / "espacepro.db")
    return f"sqlite:///{path}"


@pytest.fixture
def store(sampled_url: str) -> Iterator[Store]:
    """The same, open."""
    store = Store(sampled_url, TABLES)
    yield store
    store.close()


@pytest.fixture
def either(either_url: str) -> Iterator[Store]:
    """On SQLite and on PostgreSQL: for tests in which SQL decides."""
    store = _sampled(either_url)
    yield store
    store.close()


@pytest.fixture
def made(sampled_url: str, clock: Clock) -> Iterator[Made]:
    """Makes EspacePro with the sample, on the day of these tests, its settings as asked."""
    clock.move(NOW - clock.now())
    apps: list[Flask] = []

    def make(**more: object) -> Flask:
        told = {
            "api_secret": API_SECRET,
            "database_url": sampled_url,
            "mon_compte_url": MON_COMPTE,
        }
        apps.append(create_app(settings(**(told | more)), clock))
        apps[-1].jinja_env.bytecode_cache = COMPILED
        return apps[-1]

    yield make
    for app in apps:
        service_of(app).store.close()


@pytest.fixture
def app(made: Made) -> Flask:
    """EspacePro with the settings of these tests."""
    return made()
