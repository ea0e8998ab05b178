"""The card reader in a real Chromium: the whole sign-in by card, as a person does it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from idp import create_app
from idp.serving.certificate_listener import only_certificates
from tests.ciba.helpers import NUMBER, CibaService, add_ciba_client, service
from tests.conftest import make_settings, provider_of
from tests.e2e.conftest import Open
from tests.signin.helpers import add_client
from tests.wallet.cards import RECEIVED, MadeCard, make
from tests.wallet.helpers import new_phone
from tests.wallet.listener import certificate_for, listen
from wallet_sim.card.card import Card
from wallet_sim.card.reader import Reader
from wallet_sim.card.request_pages import REQUESTS_ADDRESS
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.receiver import Receiver
from wallet_sim.serving import serve

SECRET = "start-up-secret-of-the-reader"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

pytestmark = pytest.mark.slow


class Late:
    """An application that is made once its address is known."""

    app: Any

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@dataclass
class Place:
    """A provider with its card listener, a service, and a reader with a card that arrived."""

    app: Flask
    made: MadeCard
    reader: str

    @property
    def base_url(self) -> str:
        return provider_of(self.app).settings.base_url

    def sign_in_page(self) -> str:
        request = {
            "client_id": "service",
            "redirect_uri": f"{self.base_url}/accessibilite",
            "response_type": "code",
            "scope": "openid scope_all",
        }
        return f"{self.base_url}/auth?{urlencode(request)}"


@pytest.fixture
def place(sqlite_url: str, master_key: str, tmp_path: Path) -> Iterator[Place]:
    provider, control = Late(), Late()
    certificate = certificate_for(tmp_path / "tls")
    with ExitStack() as stack:
        base_url = f"http://localhost:{stack.enter_context(_serve(provider))}"
        reader_url = f"http://localhost:{stack.enter_context(_serve(control))}"
        settings = make_settings(sqlite_url, master_key)
        listener = stack.enter_context(listen(only_certificates(provider), certificate, settings))
        changes = {
            "base_url": base_url,
            "card_base_url": listener,
            "card_reader_url": reader_url + READER_ADDRESS,
        }
        app = provider.app = create_app(make_settings(sqlite_url, master_key, **changes))
        stack.callback(provider_of(app).store.close)
        add_client(provider_of(app), redirect_uris=[f"{base_url}/accessibilite"])
        made = make(app, tmp_path / "cards", RECEIVED)

        def hold(path: Path) -> AbstractContextManager[Card]:
            return MadeCard(app, path, "", "").insert()

        reader = Reader(tmp_path / "cards", hold, ServerTrust(certificate.authority))
        stack.callback(reader.close)
        phone = new_phone(app, tmp_path / "phone")
        control.app = ControlApp(phone, Receiver(phone, reader_url), Door(SECRET, HOSTS), reader)
        yield Place(app, made, reader_url)


def _serve(app: Late) -> AbstractContextManager[int]:
    return serve(app, host="localhost", port=0)


def _open_reader(page: Page, place: Place) -> None:
    page.goto(place.sign_in_page())
    page.locator(f'a[href^="{place.reader}"]').click()
    page.get_by_label("Secret de démarrage").fill(SECRET)
    page.get_by_role("button", name="Ouvrir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lecteur de carte simulé")


def test_a_person_activates_a_card_and_signs_in_with_it(place: Place, open_browser: Open) -> None:
    """CP-07, CP-14; RGAA 4.1, decision 14: axe finds nothing, and the redirects go through."""
    page, onlooker = open_browser()
    _open_reader(page, place)
    onlooker.check("reader")
    code = page.locator("#code")
    code.fill(place.made.wrong_code)
    page.get_by_role("button", name="Utiliser cette carte").click()
    expect(page.get_by_role("alert")).to_have_text("Code faux. Essais restants : 2.")
    onlooker.check("reader-wrong-code")
    code.fill(place.made.code)
    page.get_by_role("button", name="Utiliser cette carte").click()
    expect(page.get_by_role("alert")).to_be_visible()
    onlooker.check("reader-refused")
    page.get_by_role("button", name="Activer la carte").click()
    expect(page.get_by_role("status")).to_have_text("La carte est activée.")
    onlooker.check("reader-activated")
    page.get_by_role("button", name="Utiliser cette carte").click()
    page.wait_for_url("**/accessibilite?**code=**")
    onlooker.check_silence()


def test_the_reader_needs_no_javascript(place: Place, open_browser: Open) -> None:
    page, _ = open_browser(java_script_enabled=False)
    _open_reader(page, place)
    page.locator("#code").fill(place.made.wrong_code)
    page.get_by_role("button", name="Utiliser cette carte").click()
    expect(page.get_by_role("alert")).to_have_text("Code faux. Essais restants : 2.")


def test_a_person_answers_software_by_card(place: Place, open_browser: Open) -> None:
    """Decision 34; RGAA 4.1: the request appears by itself, and is answered from the keyboard."""
    client = _software(place)
    page, onlooker = open_browser()
    page.goto(f"{place.reader}{REQUESTS_ADDRESS}")
    page.get_by_label("Secret de démarrage").fill(SECRET)
    page.get_by_role("button", name="Ouvrir").click()
    page.get_by_role("link", name="Lecteur de carte").click()
    page.get_by_text("Activer une carte reçue").click()
    page.locator("#activation-code").fill(place.made.code)
    page.get_by_role("button", name="Activer la carte").click()
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    news = page.get_by_role("status")
    expect(news).to_contain_text("Aucune demande en attente.")
    onlooker.check("requests-none")
    auth_req_id = _ask(client, place)
    expect(news).to_have_text("Une demande attend : Logiciel de cabinet")
    onlooker.check("requests-one")
    page.get_by_role("radio", name=NUMBER).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type(place.made.wrong_code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Code faux. Essais restants : 2.")
    onlooker.check("requests-wrong-code")
    page.get_by_role("link", name="Lecteur de carte").click()
    page.locator("#code").fill(place.made.code)
    page.get_by_role("button", name="Utiliser cette carte").click()
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    page.get_by_role("radio", name=NUMBER).check()
    page.get_by_label("Code de la carte").fill(place.made.code)
    page.get_by_role("button", name="Approuver").click()
    expect(page.get_by_role("status").first).to_contain_text("La carte a approuvé la demande")
    onlooker.check("requests-approved")
    onlooker.check_silence()
    assert client.poll(auth_req_id).status_code == 200


def test_requests_are_answered_without_javascript(place: Place, open_browser: Open) -> None:
    """Decision 14."""
    client = _software(place)
    page, _ = open_browser(java_script_enabled=False)
    page.goto(f"{place.reader}{REQUESTS_ADDRESS}")
    page.get_by_label("Secret de démarrage").fill(SECRET)
    page.get_by_role("button", name="Ouvrir").click()
    page.get_by_role("link", name="Lecteur de carte").click()
    page.get_by_text("Activer une carte reçue").click()
    page.locator("#activation-code").fill(place.made.code)
    page.get_by_role("button", name="Activer la carte").click()
    page.get_by_role("link", name="Voir les demandes des logiciels").click()
    auth_req_id = _ask(client, place)
    expect(page.get_by_role("status")).to_contain_text("Une demande attend", timeout=15_000)
    page.get_by_label("Code de la carte").fill(place.made.code)
    page.get_by_role("button", name="Refuser").click()
    expect(page.get_by_role("status").first).to_have_text("La carte a refusé la demande.")
    assert client.poll(auth_req_id).get_json()["error"] == "access_denied"


def _software(place: Place) -> CibaService:
    add_ciba_client(provider_of(place.app))
    return service(place.app)


def _ask(client: CibaService, place: Place) -> str:
    holder = place.made.row().national_id
    return str(client.begin(channel="CARD", login_hint=holder)["auth_req_id"])
