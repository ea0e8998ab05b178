from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from tests.ciba.helpers import (
    CibaService,
    add_ciba_client,
    phone_of,
    service,
)
from tests.ciba.pushing import push_metadata
from tests.conftest import make_settings, provider_of
from tests.outbox.servers import HttpServer, http_server
from wallet_sim.phone import Phone


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    """The phone of the person who is asked."""
    return phone_of(app, tmp_path)


@pytest.fixture
def client(app: Flask, provider: Provider) -> CibaService:
    """A poll client in Pro Santé Connect's profile."""
    add_ciba_client(provider)
    return service(app)


@pytest.fixture
def with_cards(sqlite_url: str, master_key: str) -> Iterator[Flask]:
    """An application where people may sign in with a card."""
    changes = {"card_base_url": "https://cards.test"}
    app = create_app(make_settings(sqlite_url, master_key, **changes))
    yield app
    provider_of(app).store.close()


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def pushed(app: Flask, provider: Provider, receiver: HttpServer) -> CibaService:
    """A client that is sent its tokens, at a real server."""
    add_ciba_client(provider, **push_metadata(receiver.url))
    return service(app)
