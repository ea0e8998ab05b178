import pytest

from idp.provider import Provider
from tests.devices.helpers import Bench


@pytest.fixture
def bench(both: Provider) -> Bench:
    """A provider on either database."""
    return Bench(both)


@pytest.fixture
def one(provider: Provider) -> Bench:
    """A provider on SQLite, where the rule does not depend on the database."""
    return Bench(provider)
