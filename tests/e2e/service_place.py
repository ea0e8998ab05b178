"""A service in this process, as real browsers reach it, with people who are signed in to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from relying_services.service.app import service_of
from tests.e2e.looking import Onlooker
from tests.relying_services.signed_in import sign_in
from wallet_sim.serving import serve

Open = Callable[..., tuple[Page, Onlooker]]


@dataclass
class ServicePlace:
    """A service that is served."""

    app: Flask
    base_url: str
    open_browser: Open

    def open_as(self, actor: str, **signed_in: Any) -> tuple[Page, Onlooker]:
        """A browser in which this person is signed in, and nowhere yet."""
        return self.open(sign_in(self.app, actor, **signed_in))

    def open(self, client: FlaskClient) -> tuple[Page, Onlooker]:
        """A browser that is signed in as a client of a test is."""
        name = self.app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        page, onlooker = self.open_browser()
        page.context.add_cookies([{"name": name, "value": cookie.value, "url": self.base_url}])
        return page, onlooker

    def visit(self, page: Page, path: str) -> None:
        """Open an address of the service."""
        page.goto(self.base_url + path)


@contextmanager
def serving_service(app: Flask, open_browser: Open) -> Iterator[ServicePlace]:
    """Serve an application; its database is closed at the end."""
    try:
        with serve(app, host="localhost", port=0) as port:
            yield ServicePlace(app, f"http://localhost:{port}", open_browser)
    finally:
        service_of(app).store.close()
