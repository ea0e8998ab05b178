"""Served phones, opened by a browser without scripts."""

import re
from pathlib import Path

from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.conftest import provider_of
from tests.wallet.helpers import Network, new_phone
from wallet_sim.card.card import insert
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.app import Screen, ScreenApp
from wallet_sim.screen.pages import Pages

SECRET = "start-up-secret-of-the-screen"
ORIGIN = "http://localhost:8002"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
HTML = {"Accept": "text/html"}
FIRST, SECOND = "camille", "dominique"
ONE = ""
"""Where the pages of a phone stand that is the only one."""


class Browser:
    """A person's browser, before one phone of an application."""

    def __init__(self, app: ControlApp | ScreenApp, below: str = ONE) -> None:
        self.client = Client(app)
        self.below = below

    def unlock(self) -> "Browser":
        """Type the start-up secret."""
        went = self.client.post("/login", base_url=ORIGIN, data={"secret": SECRET})
        assert went.status_code == 303
        return self

    def look(self, page: str = "", **headers: str) -> TestResponse:
        return self.client.get(f"{self.below}/{page}", base_url=ORIGIN, headers={**HTML, **headers})

    def press(self, action: str, form_token: str | None = None, **form: object) -> TestResponse:
        """Send a form of the page."""
        given = self.token() if form_token is None else form_token
        return self.client.post(
            f"{self.below}/do/{action}",
            base_url=ORIGIN,
            headers=HTML,
            data={"csrf_token": given, **form},
        )

    def token(self) -> str:
        """What a form made for this browser carries."""
        for page in ("activate/mail", "delete"):
            found = re.search(r'name="csrf_token" value="(\w+)"', self.look(page).text)
            if found:
                return found.group(1)
        raise AssertionError("no page has a form")


def serve_one(phone: Phone) -> ControlApp:
    """A phone that is the only one."""
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    return ControlApp(phone, Receiver(phone, ORIGIN), Door(SECRET, HOSTS), reader)


def serve_several(app: Flask, folder: Path) -> ScreenApp:
    """Two phones side by side, under a folder where more may be added."""
    door = Door(SECRET, HOSTS)
    pages = Pages(door)

    def switch_on(home: Path) -> Phone:
        return new_phone(app, home, Network(app))

    base_url = provider_of(app).settings.base_url
    screen = Screen(ORIGIN, door, pages, provider=base_url, switch_on=switch_on)
    homes = {FIRST: folder / FIRST, SECOND: folder / SECOND}
    rack = screen.rack(homes, folder / "phones")
    return ScreenApp(rack, door, pages, Reader(folder / "cards", insert, ServerTrust()))
