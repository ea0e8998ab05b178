"""What a person does on the portal, in a browser of this process and with a card."""

import base64
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.models import BrowserSession
from tests.cards.helpers import IssuedCard
from tests.conftest import BASE_URL
from tests.signin.helpers import answer, post, token_in

PERSON = "899700990015"
SOMEBODY_ELSE = "899700990023"
PAIRING = "/portail/e-cps"
CARDS = "/portail/cartes"
ACCOUNT = "/portail/compte"


@dataclass
class Visit:
    """A browser on the portal, and the card in its reader."""

    browser: FlaskClient
    card: IssuedCard

    def sign_in(self, page: str = PAIRING) -> TestResponse:
        """Ask for a page and sign in by card; gives the page."""
        return self.follow(self.present(self.ask(page)))

    def ask(self, page: str = PAIRING) -> str:
        """Ask for a page that wants a sign-in; gives the address of the sign-in's page."""
        response = self.browser.get(page)
        while not (address := to(response)).startswith("/signin/"):
            response = self.browser.get(address)
        self.browser.get(address)
        return address

    def present(self, page: str) -> TestResponse:
        """Show the card to the listener, and bring its secret back."""
        return self.browser.get(self.show(page))

    def show(self, page: str) -> str:
        """Show the card to the listener; gives where the browser is to bring its secret."""
        handle = page.removeprefix("/signin/")
        certificate = {"ecps.client_certificate": self.card.der}
        shown = self.browser.get(f"/card/{handle}", environ_overrides=certificate)
        assert shown.status_code == 303, shown.text
        return to(shown)

    def follow(self, response: TestResponse) -> TestResponse:
        """Go where the answers lead, until a page is shown."""
        while response.status_code == 303:
            response = self.browser.get(to(response))
        return response

    def show_qr(self) -> TestResponse:
        self.sign_in()
        return self.new_qr()

    def new_qr(self) -> TestResponse:
        return self.follow(post(self.browser, PAIRING, "/qr"))

    def type_code(self, code: str, **fields: str) -> TestResponse:
        page = self.browser.get(PAIRING)
        hidden = re.search(r'name="pairing" value="([^"]+)"', page.text)
        given = {"pairing": hidden[1] if hidden else "", "code": code} | fields
        return self.follow(
            self.browser.post(f"{PAIRING}/code", data={"csrf_token": token_in(page)} | given)
        )

    def state(self, seen: str) -> str:
        told: str = self.browser.get(f"{PAIRING}/etat?vu={seen}").get_json()["state"]
        return told


def sign_in_by_phone(browser: FlaskClient, provider: Provider, card: IssuedCard) -> TestResponse:
    """Enter the portal by the e-CPS, where no card is demanded."""
    visit = Visit(browser, card)
    page = visit.ask(CARDS)
    assert post(browser, page, national_id=PERSON).status_code == 303
    answer(provider)
    return visit.follow(browser.get(page + "/finish"))


def to(response: TestResponse) -> str:
    """Where a redirect leads, within this provider."""
    assert response.status_code == 303, response.text
    location: str = response.headers["Location"]
    return location.removeprefix(BASE_URL)


def qr_in(page: TestResponse) -> bytes:
    """The picture of the QR on a page."""
    found = re.search(r'src="data:image/png;base64,([^"]+)"', page.text)
    assert found, page.text
    return base64.b64decode(found[1])


def token_on(page: TestResponse) -> str:
    """The typed alternative beside the QR."""
    found = re.search(r'<code id="token">([^<]+)</code>', page.text)
    assert found, page.text
    return found[1]


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def sessions(provider: Provider) -> list[BrowserSession]:
    with provider.store.read() as db:
        return list(db.scalars(select(BrowserSession).order_by(BrowserSession.created_at)))
