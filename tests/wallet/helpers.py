"""A provider in this process, its mailbox, and a phone that holds an e-CPS."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from flask import Flask

from idp.challenges.push import PushBudget
from idp.challenges.start import start_signin
from idp.directory.people import find_contact
from idp.outbox.reading import read_outbox
from idp.provider import Provider
from idp.store.models import Challenge, Client
from idp.store.world import move_clock
from tests.conftest import BASE_URL, provider_of
from wallet_sim.phone import Phone

PERSON = "899700990015"
PIN = "2580"
CLIENT = "demo"


def tells_pin(output: str) -> bool:
    """Whether the code stands somewhere by itself: random digits may hold it by chance."""
    return re.search(rf"(?<![\w-]){PIN}(?![\w-])", output) is not None


def outbox(app: Flask, national_id: str) -> list[dict[str, Any]]:
    """Everything sent to the declared contacts of a person, oldest first."""
    provider = provider_of(app)
    with provider.store.read() as db:
        contact = find_contact(db, national_id)
    if contact is None:
        return []
    return read_outbox(provider, recipients=[contact.email, contact.mobile])


def mailed_qr(app: Flask, national_id: str) -> bytes:
    """The picture in the newest mail that carries one."""
    pictures = [m["payload"]["png"] for m in outbox(app, national_id) if m["kind"] == "mail"]
    return base64.b64decode([picture for picture in pictures if picture][-1])


def sms_code(app: Flask, national_id: str) -> str:
    """The code of the newest SMS that carries one."""
    codes = [m["payload"]["code"] for m in outbox(app, national_id) if m["kind"] == "sms"]
    return str([code for code in codes if code][-1])


def new_phone(app: Flask, home: Path, transport: httpx.BaseTransport | None = None) -> Phone:
    """An empty phone that reaches the application in this process, at the provider's time."""
    return Phone(
        home,
        transport=transport or httpx.WSGITransport(app=app),
        clock=provider_of(app).clock,
    )


def enrol(
    app: Flask,
    home: Path,
    national_id: str = PERSON,
    pin: str = PIN,
    transport: httpx.BaseTransport | None = None,
) -> Phone:
    """A phone that went through the whole activation: mail, SMS, PIN."""
    phone = new_phone(app, home, transport)
    phone.start_enrolment(BASE_URL, national_id)
    phone.scan(mailed_qr(app, national_id))
    phone.enter_sms_code(sms_code(app, national_id))
    phone.choose_pin(pin)
    return phone


def stolen(app: Flask, home: Path, content: bytes) -> Phone:
    """A phone from a copy of another one's file."""
    home.mkdir(mode=0o700)
    copy = home / "phone.json"
    copy.touch(mode=0o600)
    copy.write_bytes(content)
    return new_phone(app, home)


def ask_signin(app: Flask, national_id: str = PERSON, *, same_device: bool = False) -> Challenge:
    """A browser asks for a sign-in; the row tells the number that its page shows."""
    provider = provider_of(app)
    with app.test_request_context("/"), provider.store.begin() as db:
        client = db.get(Client, CLIENT)
        if client is None:
            client = Client(
                client_id=CLIENT,
                name="Service de démonstration",
                redirect_uris=[],
                post_logout_redirect_uris=[],
                auth_method="none",
                scope="openid",
                profile="psc",
                means=["MOBILE"],
                options={},
                created_at=provider.clock.now(),
            )
            db.add(client)
            db.flush()
        return start_signin(
            provider,
            db,
            national_id=national_id,
            client=client,
            address="127.0.0.1",
            user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            same_device=same_device,
            budget=PushBudget.PERSON,
        )


def advance(provider: Provider, seconds: float) -> None:
    """Move the time of the simulation."""
    with provider.store.begin() as db:
        move_clock(db, timedelta(seconds=seconds))
    with provider.store.read() as db:
        provider.synchronise_clock(db)


def other_number(challenge: Challenge) -> str:
    """An option that the page does not show."""
    options: list[str] = challenge.document["number"]["options"]
    return next(option for option in options if option != challenge.number)


class Network(httpx.BaseTransport):
    """A network that can be cut before or after the provider sees a request."""

    def __init__(self, app: Flask) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self.paths: list[str] = []
        self._cut_path = ""
        self._request_lost = False
        self._lost_once = ""

    def lose_once(self, path: str) -> None:
        """Lose the first answer to a path that ends so."""
        self._lost_once = path

    @contextmanager
    def cut(self, path: str, *, request_lost: bool) -> Iterator[None]:
        """Lose every request whose path ends so, or every answer to it."""
        self._cut_path, self._request_lost = path, request_lost
        try:
            yield
        finally:
            self._cut_path = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        cut = bool(self._cut_path) and path.endswith(self._cut_path)
        if cut and self._request_lost:
            raise httpx.ConnectError("the request was lost")
        response = self._inner.handle_request(request)
        if self._lost_once and path.endswith(self._lost_once):
            self._lost_once, cut = "", True
        if cut:
            response.read()
            raise httpx.ReadError("the answer was lost")
        return response
