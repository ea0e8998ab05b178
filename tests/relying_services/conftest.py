"""Databases for services, their own, on SQLite and on PostgreSQL; and services on them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.service import Kind
from tests.conftest import administer, postgresql_url
from tests.relying_services.compiled import COMPILED


@pytest.fixture
def clock() -> Clock:
    """The clock of a service, to be moved."""
    return Clock()


@pytest.fixture
def service_url(tmp_path: Path) -> str:
    """An empty database of a service."""
    return f"sqlite:///{tmp_path / 'service.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of a service, of either kind: for tests in which SQL decides."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'service.db'}"
        return
    request.getfixturevalue("postgresql_template")
    name = f"service_{secrets.token_hex(6)}"
    administer(f"CREATE DATABASE {name}")
    yield postgresql_url(name)
    administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def serving(service_url: str, clock: Clock) -> Iterator[Callable[..., Flask]]:
    """Makes services with settings of a test, on its empty database or another."""
    with ExitStack() as stack:

        def made(
            kind: Kind,
            settings: Callable[..., Any],
            create_app: Callable[[Any, Clock], Flask],
            database_url: str = service_url,
            **given: Any,
        ) -> Flask:
            usual = {
                "issuer": "http://localhost:1",
                "client_id": kind.name,
                "client_secret": "secret",
                "base_url": f"http://localhost:{8000 + kind.port_offset}",
            }
            app = create_app(settings(database_url=database_url, **usual | given), clock)
            app.jinja_env.bytecode_cache = COMPILED
            stack.callback(service_of(app).store.close)
            return app

        yield made
