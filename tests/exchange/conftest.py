"""A provider and an API's issuer that trusts it, each with a database of its own."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.exchange import create_exchange_app
from idp.provider import initialise
from tests import conftest as shared
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import (
    API,
    ASKING,
    Exchange,
    Listening,
    add_api_client,
    listening,
    trust,
)
from tests.oauth.helpers import Service, add_client


@pytest.fixture(scope="session")
def exchange_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised database of an API's issuer: keys of its own, and nobody in it."""
    path = tmp_path_factory.mktemp("exchange") / "template.db"
    settings = make_settings(f"sqlite:///{path}", "B" * 43, **trust("http://localhost/x"))
    initialise(settings, kind="simulation")
    shared._templates_filled.append(datetime.now(UTC))
    return path


@pytest.fixture
def server() -> Iterator[Listening]:
    with listening() as found:
        yield found


@pytest.fixture
def first(server: Listening, sqlite_url: str, master_key: str) -> Iterator[Service]:
    """A service of the provider, which listens, and the API's issuer is a client of."""
    app = create_app(make_settings(sqlite_url, master_key, base_url=server.address))
    server.app = app
    provider = provider_of(app)
    add_client(provider)
    add_client(provider, ASKING, session_introspection=True)
    yield Service(app, provider)
    provider.store.close()


@pytest.fixture
def exchange_url(exchange_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "exchange.db"
    shutil.copy(exchange_template, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def exchange(first: Service, server: Listening, exchange_url: str) -> Iterator[Exchange]:
    """The API's issuer, which has read the keys of the provider."""
    settings = make_settings(exchange_url, "B" * 43, **trust(first.provider.settings.issuer))
    app: Flask = create_exchange_app(settings)
    provider = provider_of(app)
    add_api_client(provider)
    for other in ("lecteur", "autre", API):
        add_api_client(provider, other)
    found = Exchange(app, provider, first, server)
    found.read_keys()
    yield found
    provider.store.close()
