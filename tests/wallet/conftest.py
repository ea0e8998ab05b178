"""A phone with an e-CPS, and its network; a card, its reader, and the listener it is shown to."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.serving.authority import ServerCertificate
from idp.serving.certificate_listener import only_certificates
from idp.settings import Settings
from tests.wallet.cards import ACTIVE, MadeCard
from tests.wallet.helpers import Network, enrol
from tests.wallet.listener import certificate_for, listen, made_card
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.phone import Phone


@pytest.fixture
def network(app: Flask) -> Network:
    return Network(app)


@pytest.fixture
def phone(app: Flask, tmp_path: Path, network: Network) -> Phone:
    return enrol(app, tmp_path / "phone", transport=network)


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
