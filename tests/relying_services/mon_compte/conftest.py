"""The account, filled with invented data, and people who are signed in to it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.mon_compte import MonCompteSettings, create_app
from relying_services.mon_compte.store.tables import TABLES
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from tests.relying_services.compiled import COMPILED

Made = Callable[..., Flask]


@pytest.fixture
def made(clock: Clock) -> Iterator[Made]:
    """Makes an account service of a database, its settings as asked."""
    apps: list[Flask] = []

    def make(database_url: str, **settings: object) -> Flask:
        given: dict[str, object] = {
            "issuer": "http://localhost:8000/auth/realms/esante-wallet",
            "client_id": "mon_compte",
            "client_secret": "a secret of this client",
            "base_url": "http://localhost:8010",
            "database_url": database_url,
            "password_cost": "scrypt:1024:8:1",
        }
        apps.append(create_app(MonCompteSettings(**(given | settings)), clock))  # type: ignore[arg-type]
        apps[-1].jinja_env.bytecode_cache = COMPILED
        return apps[-1]

    yield make
    for app in apps:
        service_of(app).store.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the account: made once, copied by each test."""
    path = tmp_path_factory.mktemp("mon_compte") / "empty.db"
    store = Store(f"sqlite:///{path}", TABLES)
    store.upgrade()
    store.close()
    return path


@pytest.fixture
def service_url(migrated: Path, tmp_path: Path) -> str:
    """An empty database of the account."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'service.db')}"


@pytest.fixture
def account(made: Made, service_url: str) -> Flask:
    """An account service with an empty database."""
    return made(service_url)
