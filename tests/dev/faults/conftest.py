import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from tests.conftest import make_settings, provider_of
from tests.dev.faults.asking import Faults
from tests.oauth.helpers import Service, add_client


@pytest.fixture(scope="module")
def app(
    sqlite_template: Path, master_key: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """One provider for the tests of a module: each leaves it without faults."""
    database = tmp_path_factory.mktemp("faults") / "ecps.db"
    shutil.copy(sqlite_template, database)
    app = create_app(make_settings(f"sqlite:///{database}", master_key))
    add_client(provider_of(app))
    yield app
    provider_of(app).store.close()


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    return Service(app, provider)


@pytest.fixture
def faults(app: Flask) -> Iterator[Faults]:
    asked = Faults(app)
    yield asked
    asked.withdraw()
