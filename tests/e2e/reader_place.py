"""A provider, a card reader and a phone in this process, as real browsers reach them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from playwright.sync_api import Page

from idp import create_app
from idp.serving.certificate_listener import only_certificates
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client
from tests.wallet.cards import MadeCard, make
from tests.wallet.helpers import new_phone
from tests.wallet.listener import certificate_for, listen
from wallet_sim.card.card import Card
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.serving import serve

SECRET = "start-up-secret-of-the-reader"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Late:
    """An application that is made once its address is known."""

    app: Any

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@dataclass
class Place:
    """A provider with its card listener, a service, and a reader with a card at hand."""

    app: Flask
    made: MadeCard
    reader: str
    """Address of the reader, and of a phone that is empty."""
    phone: Phone

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


@contextmanager
def running_place(folder: Path, database_url: str, master_key: str, card: str) -> Iterator[Place]:
    """Everything in this process, on addresses of its own; the card is at hand of the reader."""
    provider, control = Late(), Late()
    certificate = certificate_for(folder / "tls")
    with ExitStack() as stack:
        base_url = f"http://localhost:{stack.enter_context(_serve(provider))}"
        reader_url = f"http://localhost:{stack.enter_context(_serve(control))}"
        settings = make_settings(database_url, master_key)
        listener = stack.enter_context(listen(only_certificates(provider), certificate, settings))
        changes = {
            "base_url": base_url,
            "card_base_url": listener,
            "card_reader_url": reader_url + READER_ADDRESS,
        }
        app = provider.app = create_app(make_settings(database_url, master_key, **changes))
        stack.callback(provider_of(app).store.close)
        add_client(provider_of(app), redirect_uris=[f"{base_url}/accessibilite"])
        made = make(app, folder / "cards", card)

        def hold(path: Path) -> AbstractContextManager[Card]:
            return MadeCard(app, path, "", "").insert()

        reader = Reader(folder / "cards", hold, ServerTrust(certificate.authority))
        stack.callback(reader.close)
        phone = new_phone(app, folder / "phone")
        control.app = ControlApp(phone, Receiver(phone, reader_url), Door(SECRET, HOSTS), reader)
        yield Place(app, made, reader_url, phone)


def _serve(app: Late) -> AbstractContextManager[int]:
    return serve(app, host="localhost", port=0)


def type_secret(page: Page) -> None:
    page.get_by_label("Secret de démarrage").fill(SECRET)
    page.get_by_role("button", name="Ouvrir").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose_reader(page: Page) -> None:
    """On the sign-in page: the card, in the simulated reader."""
    button = page.get_by_role("button", name="Utiliser le lecteur de carte simulé")
    if not button.is_visible():
        page.get_by_role("link", name="Carte CPS").click()
    button.click()
