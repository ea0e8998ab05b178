"""A provider in this process, a phone that acts by itself, and a service beside it."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from flask import Flask

from idp import create_app
from tests import conftest
from tests.ciba.helpers import add_ciba_client
from tests.conftest import BASE_URL, DEV_SECRET, make_settings, provider_of
from tests.wallet.behaviours.helpers import Scene
from tests.wallet.helpers import PIN, enrol, stolen
from wallet_sim.behaviours import ActingPhone, DevSight
from wallet_sim.dev_provider import DevProvider


@dataclass(frozen=True)
class Activated:
    """A provider's database and a phone's file, after the activation that most tests begin with."""

    database: Path
    phone: bytes


@pytest.fixture(scope="session")
def activated(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, master_key: str
) -> Activated:
    folder = tmp_path_factory.mktemp("activated")
    database = folder / "ecps.db"
    shutil.copy(sqlite_template, database)
    app = create_app(make_settings(f"sqlite:///{database}", master_key))
    with closing(enrol(app, folder / "phone")) as phone:
        content = phone.file.path.read_bytes()
    provider_of(app).store.close()
    # What is in a template is used when it exists.
    conftest._templates_filled.append(datetime.now(UTC))
    return Activated(database, content)


@pytest.fixture
def sqlite_url(activated: Activated, tmp_path: Path) -> str:
    copy = tmp_path / "ecps.db"
    shutil.copy(activated.database, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def dev(app: Flask) -> DevProvider:
    return DevProvider(BASE_URL, DEV_SECRET, transport=httpx.WSGITransport(app=app))


@pytest.fixture
def acting(
    app: Flask, tmp_path: Path, dev: DevProvider, activated: Activated
) -> Iterator[ActingPhone]:
    phone = stolen(app, tmp_path / "phone", activated.phone)
    with closing(ActingPhone(phone, PIN, DevSight(dev))) as acting:
        yield acting


@pytest.fixture
def scene(app: Flask, acting: ActingPhone, dev: DevProvider) -> Scene:
    """A service that asks, and a phone that answers."""
    add_ciba_client(provider_of(app))
    return Scene(app, acting, dev)
