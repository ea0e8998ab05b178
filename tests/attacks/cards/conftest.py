"""A provider that takes cards, a card, and the phones of its holder and of a thief."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from idp.serving.authority import ServerCertificate
from idp.serving.certificate_listener import only_certificates
from idp.settings import Settings
from idp.store.models import BrowserSession, CardApproval
from tests.attacks.cards.helpers import Wire
from tests.cards.helpers import IssuedCard, issued_card
from tests.conftest import make_settings, provider_of
from tests.portal.helpers import Visit
from tests.signin.helpers import (
    add_client,
    all_of,
)
from tests.wallet.helpers import PERSON, new_phone
from tests.wallet.listener import certificate_for, listen
from wallet_sim.card.trust import ServerTrust
from wallet_sim.phone import Phone


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture(autouse=True)
def service(app: Flask) -> None:
    add_client(provider_of(app))


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, PERSON)


@pytest.fixture
def portal(app: Flask, card: IssuedCard) -> Visit:
    """The victim before the portal, card in the reader."""
    return Visit(app.test_client(), card)


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> Phone:
    return new_phone(app, tmp_path / "own")


@pytest.fixture
def thief(app: Flask, tmp_path: Path) -> Phone:
    """The phone of whoever looks over the shoulder."""
    return new_phone(app, tmp_path / "thief")


@pytest.fixture
def certificate(tmp_path: Path) -> ServerCertificate:
    return certificate_for(tmp_path / "tls")


@pytest.fixture
def wire(
    app: Flask, tmp_path: Path, certificate: ServerCertificate, settings: Settings
) -> Iterator[Wire]:
    with listen(only_certificates(app), certificate, settings) as address:
        yield Wire(app, address, ServerTrust(certificate.authority), tmp_path / "cards")
        # Whatever was shown: nobody came in, and nothing waits to be finished.
        assert all_of(provider_of(app), BrowserSession) == []
        assert all_of(provider_of(app), CardApproval) == []
