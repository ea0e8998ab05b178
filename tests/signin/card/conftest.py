"""A provider with a card listener, a card, and what shows it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.settings import Settings
from tests.cards.helpers import HOLDER, IssuedCard, issued_card
from tests.conftest import make_settings
from tests.signin.card.helpers import LISTENER, READER


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER, card_reader_url=READER)


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, HOLDER)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    """What shows the card: it has none of the browser's cookies."""
    return app.test_client(use_cookies=False)
