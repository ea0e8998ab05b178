"""A provider and an API's issuer that ask for certificates: they have most to promise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp.exchange import create_exchange_app
from idp.provider import Provider, initialise
from idp.settings import Settings
from tests.conformance.metadata.helpers import every_client
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import trust
from tests.mtls.helpers import Pki, settings_of
from tests.oauth.helpers import Service, add_client


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


@pytest.fixture
def settings(sqlite_url: str, master_key: str, pki: Pki) -> Settings:
    return make_settings(sqlite_url, master_key, **settings_of(pki))


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider, **every_client())
    return Service(app, provider)


@pytest.fixture
def exchange_app(tmp_path: Path, pki: Pki) -> Iterator[Flask]:
    """An API's issuer that asks for certificates as well."""
    url = f"sqlite:///{tmp_path}/exchange.db"
    trusted = trust("http://localhost/x", base_url="http://localhost:9000")
    settings = make_settings(url, "B" * 43, **settings_of(pki), **trusted)
    initialise(settings, kind="simulation")
    app = create_exchange_app(settings)
    yield app
    provider_of(app).store.close()
