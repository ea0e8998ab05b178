from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp.settings import Settings
from tests.ciba.card.helpers import LISTENER, CardAtReader, card_at_reader
from tests.ciba.helpers import CibaService
from tests.conftest import make_settings


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER)


@pytest.fixture
def card(app: Flask, tmp_path: Path, client: CibaService) -> Iterator[CardAtReader]:
    """A card of the sample in its reader, and a service that asks."""
    with card_at_reader(app, tmp_path) as card:
        yield card
