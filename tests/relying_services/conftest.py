"""Databases for services: their own, on SQLite and on PostgreSQL."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from relying_services.clock import Clock
from tests.conftest import administer, postgresql_url


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
