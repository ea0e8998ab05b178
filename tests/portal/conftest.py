"""A provider that takes cards, and a person with one."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.provider import Provider
from idp.settings import Settings
from tests.cards.helpers import IssuedCard, issued_card
from tests.conftest import make_settings
from tests.portal.helpers import PERSON, Visit
from tests.wallet.helpers import new_phone
from wallet_sim.phone import Phone


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, PERSON)


@pytest.fixture
def visit(browser: FlaskClient, card: IssuedCard) -> Visit:
    """A person before the portal, card in the reader."""
    return Visit(browser, card)


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return new_phone(app, tmp_path / "phone")
