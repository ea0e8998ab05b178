"""The plainest service with either profile of limits, without a provider."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.service.app import service_of
from tests.relying_services.service.plain import plain_service, plain_settings

Made = Callable[..., Flask]


class Standing(Clock):
    """Goes on when it is moved, and at no other time: a slow machine reaches no limit early."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC)

    def now(self) -> datetime:
        """The instant at which it began, and what it was moved by."""
        return self._began + self.offset


@pytest.fixture
def clock() -> Clock:
    """The clock of a service, to be moved."""
    return Standing()


@pytest.fixture
def made(clock: Clock, tmp_path: Path) -> Iterator[Made]:
    """Makes a service, its settings as asked; no provider answers it."""
    apps: list[Flask] = []

    def make(issuer: str = "http://localhost:1/nobody", **settings: object) -> Flask:
        given = plain_settings(issuer, "a secret", tmp_path, **settings)
        apps.append(plain_service(given, clock))
        return apps[-1]

    yield make
    for app in apps:
        service_of(app).store.close()
