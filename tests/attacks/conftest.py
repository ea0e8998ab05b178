"""A provider and the real phone that an attack is aimed at."""

from pathlib import Path

import pytest

from idp.provider import Provider
from tests.attacks.attacker import Tap
from tests.devices.helpers import Bench
from tests.wallet.helpers import enrol
from wallet_sim.phone import Phone


@pytest.fixture
def bench(both: Provider) -> Bench:
    """The application on SQLite, then on PostgreSQL."""
    return Bench(both)


@pytest.fixture
def one(provider: Provider) -> Bench:
    """The application on SQLite, where the rule does not depend on the database."""
    return Bench(provider)


@pytest.fixture
def tap(one: Bench) -> Tap:
    return Tap(one.app)


@pytest.fixture
def phone(one: Bench, tmp_path: Path, tap: Tap) -> Phone:
    """The victim's phone, on a tapped wire."""
    return enrol(one.app, tmp_path / "phone", transport=tap)
