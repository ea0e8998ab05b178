"""Showing a card at the listener's address, and going back to the browser that began."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.models import JournalEvent
from tests.cards.helpers import IssuedCard
from tests.signin.helpers import (
    all_of,
    begin,
)

LISTENER = "https://localhost:8005"
READER = "http://localhost:8002/reader"
KEY = "ecps.client_certificate"
JSON = {"Accept": "application/json"}


def show(
    reader: FlaskClient, page: str, der: bytes, *, method: str = "GET", **given: Any
) -> TestResponse:
    """Show a card at the listener's address for the sign-in of a page."""
    handle = page.rpartition("/")[2]
    return reader.open(
        f"/card/{handle}", method=method, environ_overrides={KEY: der}, base_url=LISTENER, **given
    )


def back(response: TestResponse) -> str:
    """Where an accepted card sends its browser, below the provider's address."""
    assert response.status_code == 303, response.text
    location = urlsplit(response.headers["Location"])
    assert (location.scheme, location.netloc) == ("http", "localhost:8000")
    assert parse_qs(location.query)["completion"]
    return f"{location.path}?{location.query}"


def sign_in_by_card(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard, **changes: str
) -> TestResponse:
    page = begin(browser, **changes)
    return browser.get(back(show(reader, page, card.der)))


def journal(provider: Provider, event: str) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]
