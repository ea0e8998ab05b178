"""A doctor's desk with its workstation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from relying_services.clock import Clock
from relying_services.service.app import service_of
from tests.relying_services.billing.surgery import Surgery


@pytest.fixture
def surgery(tmp_path: Path, service_url: str, clock: Clock) -> Iterator[Surgery]:
    made = Surgery(tmp_path, service_url, clock)
    yield made
    service_of(made.app).store.close()
