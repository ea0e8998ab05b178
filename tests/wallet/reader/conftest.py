"""A real listener, a card made for it, and the reader that holds it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from idp.serving.authority import ServerCertificate
from idp.serving.certificate_listener import only_certificates
from idp.settings import Settings
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client
from tests.wallet.cards import ACTIVE, MadeCard
from tests.wallet.helpers import new_phone
from tests.wallet.listener import certificate_for, listen
from tests.wallet.reader.helpers import HOSTS, ORIGIN, SECRET, made_card
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
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
def certificate(tmp_path: Path) -> ServerCertificate:
    return certificate_for(tmp_path / "tls")


@pytest.fixture
def listener(app: Flask, certificate: ServerCertificate, settings: Settings) -> Iterator[str]:
    with listen(only_certificates(app), certificate, settings) as address:
        yield address


@pytest.fixture
def made(app: Flask, tmp_path: Path, listener: str) -> MadeCard:
    """A card in use, which knows where the listener is."""
    return made_card(app, tmp_path, listener, ACTIVE)


@pytest.fixture
def reader(app: Flask, tmp_path: Path, certificate: ServerCertificate) -> Iterator[Reader]:
    def hold(path: Path) -> Any:
        return MadeCard(app, path, "", "").insert()

    trust = ServerTrust(certificate.authority)
    with closing(Reader(tmp_path / "cards", hold, trust)) as switched_on:
        yield switched_on


@pytest.fixture
def client(app: Flask, tmp_path: Path, reader: Reader) -> Client:
    phone = new_phone(app, tmp_path / "phone")
    door = Door(SECRET, HOSTS)
    return Client(ControlApp(phone, Receiver(phone, ORIGIN), door, reader))
