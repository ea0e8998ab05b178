"""The portal in a real Chromium: no rule of WCAG broken, and its script moves the page on."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import make_server

from idp import create_app
from idp.provider import initialise
from tests.cards.helpers import IssuedCard, issued_card, order_card
from tests.conftest import make_settings, provider_of
from tests.e2e.conftest import Open, chromium, open_browser
from tests.enrolment.helpers import wrong
from tests.portal.helpers import PERSON
from tests.wallet.helpers import new_phone
from wallet_sim.phone import Phone

__all__ = ["chromium", "open_browser"]

pytestmark = pytest.mark.slow

PIN = "2580"


class Site:
    """The provider on a port, whose card's address is its own: the certificate is put there."""

    def __init__(self, database_url: str, master_key: str) -> None:
        self._server = make_server("localhost", 0, self._serve, threaded=True)
        self.address = f"http://localhost:{self._server.server_port}"
        settings = make_settings(
            database_url, master_key, base_url=self.address, card_base_url=self.address
        )
        self.app: Flask = create_app(settings)
        self.card: IssuedCard = issued_card(provider_of(self.app), PERSON)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        provider_of(self.app).store.close()

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ["PATH_INFO"].startswith("/card/"):
            environ["ecps.client_certificate"] = self.card.der
        return self.app(environ, start_response)


@pytest.fixture
def site(sqlite_url: str, master_key: str) -> Iterator[Site]:
    site = Site(sqlite_url, master_key)
    initialise(provider_of(site.app).settings, kind="simulation")
    yield site
    site.close()


def scanned(site: Site, phone: Phone, picture: bytes) -> str:
    return phone.pair(site.address, picture).code


def test_a_person_pairs_a_phone(site: Site, open_browser: Open, tmp_path: Path) -> None:
    """EC-05, EC-23: what Chromium draws is what the phone scans."""
    page, onlooker = open_browser()
    page.goto(f"{site.address}/portail")
    onlooker.check("portal")
    page.click("a.primary")
    page.wait_for_url("**/signin/**")
    handle = page.url.rsplit("/", 1)[-1]
    page.goto(f"{site.address}/card/{handle}")
    onlooker.check("pairing-begin")
    page.click("button.primary")
    onlooker.check("pairing-qr")
    page.set_viewport_size({"width": 1280, "height": 900})
    stranger = new_phone(site.app, tmp_path / "stranger")
    code = scanned(site, stranger, page.locator("img.qr").screenshot())
    page.fill("#code", "12")
    page.click("button.primary")
    onlooker.check("pairing-code-error")
    page.fill("#code", wrong(code))
    page.click("button.primary")
    onlooker.check("pairing-ended")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.click("button.primary")
    phone = new_phone(site.app, tmp_path / "phone")
    code = scanned(site, phone, page.locator("img.qr").screenshot())
    expect(page.locator("#code")).to_be_focused()
    onlooker.check("pairing-code")
    page.fill("#code", code)
    page.click("button.primary")
    onlooker.check("pairing-confirmed")
    phone.pairing_state()
    phone.choose_pin(PIN)
    expect(page.locator("h1")).to_have_text("Votre e-CPS est active")
    onlooker.check("pairing-active")


def test_a_person_opposes_a_card(site: Site, open_browser: Open) -> None:
    """CP-05, CP-13, CP-17."""
    order_card(provider_of(site.app), PERSON)
    page, onlooker = open_browser()
    page.goto(f"{site.address}/portail/aide")
    onlooker.check("portal-help")
    page.click("a.primary")
    page.wait_for_url("**/signin/**")
    page.goto(f"{site.address}/card/{page.url.rsplit('/', 1)[-1]}")
    onlooker.check("portal-cards")
    page.goto(f"{site.address}/portail/cartes/{site.card.card_number}/opposition")
    onlooker.check("opposition")
    page.click("button.primary")
    onlooker.check("opposition-error")
    page.check("[value=vol]")
    page.check("#confirmed")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Carte en opposition")
    onlooker.check("opposed")
