"""A service, a portal and phones that a card pairs."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.models import Device
from tests.conftest import BASE_URL, provider_of
from tests.oauth.helpers import PROTOCOL
from tests.portal.helpers import Visit, qr_in
from tests.signin.helpers import (
    all_of,
    begin,
)
from tests.wallet.cards import ACTIVE, MadeCard, make
from tests.wallet.helpers import PIN
from tests.wallet.listener import point
from wallet_sim.card import tls
from wallet_sim.card.card import OpenedCard
from wallet_sim.card.errors import (
    SignInRefused,
)
from wallet_sim.card.reader import sign_in
from wallet_sim.card.tls import ClientCertificate
from wallet_sim.card.trust import ServerTrust
from wallet_sim.encoding import parse_object
from wallet_sim.phone import Phone

SERVICE = ("service", "secret")
JSON = {"Accept": "application/json"}


def refresh(browser: FlaskClient, token: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE)


def pair(portal: Visit, phone: Phone) -> str:
    """As an honest person does it; gives the revocation code."""
    portal.type_code(phone.pair(BASE_URL, qr_in(portal.show_qr())).code)
    phone.pairing_state()
    return phone.choose_pin(PIN).revocation_code


def devices(provider: Provider) -> list[Device]:
    return all_of(provider, Device)


@dataclass
class Wire:
    """A listener that really listens, and what is shown to it."""

    app: Flask
    address: str
    trust: ServerTrust
    folder: Path

    @property
    def provider(self) -> Provider:
        return provider_of(self.app)

    def make(self, number: str = ACTIVE) -> MadeCard:
        made = make(self.app, self.folder, number)
        point(made, self.address)
        return made

    def handle(self) -> str:
        return begin(self.app.test_client()).rpartition("/")[2]

    def reason(self, card: OpenedCard) -> str:
        """Why the reader's agent is refused with an open card."""
        with pytest.raises(SignInRefused) as refused:
            sign_in(card, self.handle(), self.trust, "fr")
        return refused.value.reason

    def reason_of(self, shown: ClientCertificate) -> str:
        """Why another certificate is, whose key the attacker has."""
        answer = tls.get(f"{self.address}/card/{self.handle()}", shown, self.trust, JSON)
        assert answer.status == 403
        return str(parse_object(answer.body)["code"])
