from collections.abc import Iterator

import pytest
from flask import Flask

from idp.provider import Provider
from tests.dynamic_registration.helpers import Developer, Site, permit, running_site


@pytest.fixture
def developer(app: Flask, provider: Provider) -> Developer:
    permit(provider)
    return Developer(app)


@pytest.fixture
def tester(app: Flask, provider: Provider) -> Developer:
    """A developer whose clients stand on this very machine: the operator imposed it."""
    permit(provider, development=True)
    return Developer(app)


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running
