"""A reader that is served, and a service whose sign-ins it is for."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client

from idp.settings import Settings
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client
from tests.wallet.helpers import new_phone
from tests.wallet.reader.helpers import HOSTS, ORIGIN, SECRET
from wallet_sim.card.reader import Reader
from wallet_sim.control import ControlApp
from wallet_sim.door import Door
from wallet_sim.receiver import Receiver


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(
        sqlite_url,
        master_key,
        card_base_url="https://localhost:8005",
        card_reader_url=f"{ORIGIN}/reader",
    )


@pytest.fixture(autouse=True)
def service(app: Flask) -> None:
    add_client(provider_of(app), name="Logiciel de cabinet")


@pytest.fixture
def client(app: Flask, tmp_path: Path, reader: Reader) -> Client:
    phone = new_phone(app, tmp_path / "phone")
    door = Door(SECRET, HOSTS)
    return Client(ControlApp(phone, Receiver(phone, ORIGIN), door, reader))
